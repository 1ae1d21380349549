using System.Globalization;
using System.Text;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Schedules, by a clock that can be set forward and back.</summary>
public sealed class ScheduleRoundTests : IAsyncLifetime
{
    private readonly SetClock _clock = new();
    private Workplace _place = null!;

    public async ValueTask InitializeAsync() => _place = await Workplace.OpenAsync();

    public ValueTask DisposeAsync() => _place.DisposeAsync();

    [Fact]
    public async Task Each_occurrence_of_a_schedule_begins_one_request_however_many_managers_run()
    {
        var chain = Scheduled(CatchUp.Last, payload: """{"from":"schedule"}""");
        await using var one = await StartAsync(chain, "one");
        await using var two = await StartAsync(chain, "two");
        await RoundAsync(one);
        await RoundAsync(two);
        for (var tick = 0; tick < 3; tick++)
        {
            _clock.Forward(TimeSpan.FromMinutes(5));
            await RoundAsync(one);
            await RoundAsync(two);
        }
        var page = await _place.Store.Requests.ListAsync(new RequestQuery { Workflow = "chain" }, one.Token);
        Assert.Equal(3, page.Items.Count);
        Assert.All(page.Items, request => Assert.StartsWith("schedule:", request.Key));
        Assert.Equal("""{"from":"schedule"}""", ((await one.FindAsync(page.Items[0].Id))!).Input.Text());
    }

    [Theory]
    [InlineData(CatchUp.None, 0)]
    [InlineData(CatchUp.Last, 1)]
    [InlineData(CatchUp.All, 3)]
    public async Task Of_the_occurrences_that_no_manager_saw_as_many_begin_as_the_schedule_says(CatchUp catchUp, int expected)
    {
        await using (var first = await StartAsync(Scheduled(catchUp)))
            await RoundAsync(first);
        _clock.Forward(TimeSpan.FromMinutes(15));

        await using var second = await StartAsync(Scheduled(catchUp));
        await RoundAsync(second);
        await RoundAsync(second);

        var items = (await _place.Store.Requests.ListAsync(new RequestQuery { Workflow = "chain" }, second.Token)).Items;
        Assert.Equal(expected, items.Count);
        if (catchUp == CatchUp.Last)
            Assert.True(_clock.GetUtcNow() - DateTimeOffset.Parse(items[0].Key!["schedule:".Length..]) < TimeSpan.FromMinutes(5), "It is the last one.");
    }

    [Theory]
    [InlineData(CatchUp.None, 0)]
    [InlineData(CatchUp.Last, 1)]
    [InlineData(CatchUp.All, 3)]
    public async Task A_manager_that_was_held_up_has_missed_as_much_as_one_that_did_not_run(CatchUp catchUp, int expected)
    {
        await using var manager = await StartAsync(Scheduled(catchUp));
        await RoundAsync(manager);

        _clock.Forward(TimeSpan.FromMinutes(15));
        await RoundAsync(manager);

        Assert.Equal(expected, await CountAsync(manager));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_begins_nothing_anew_and_stops_nothing()
    {
        await using var manager = await StartAsync(Scheduled(CatchUp.All));
        await RoundAsync(manager);

        _clock.Forward(TimeSpan.FromHours(-1));
        await RoundAsync(manager);
        Assert.Equal(0, await CountAsync(manager));

        _clock.Forward(TimeSpan.FromMinutes(65));
        await RoundAsync(manager);
        Assert.Equal(1, await CountAsync(manager));
    }

    [Fact]
    public async Task A_schedule_that_was_taken_away_and_comes_back_has_missed_nothing()
    {
        await using var manager = await StartAsync(Scheduled(CatchUp.All));
        var catalog = manager.Get<WorkflowManager.Runtime.Definitions.WorkflowCatalog>();
        await RoundAsync(manager);
        await catalog.PublishAsync([TestWorkflows.Chain("chain", "a")], manager.Token);
        await RoundAsync(manager);

        _clock.Forward(TimeSpan.FromMinutes(15));
        await catalog.PublishAsync([Scheduled(CatchUp.All)], manager.Token);
        await RoundAsync(manager);

        Assert.Equal(0, await CountAsync(manager));
    }

    [Fact]
    public async Task A_schedule_that_was_changed_while_no_manager_ran_has_missed_nothing()
    {
        await using (var first = await StartAsync(Scheduled(CatchUp.All, "*/5 * * * *")))
            await RoundAsync(first);
        _clock.Forward(TimeSpan.FromMinutes(15));
        await using var second = await StartAsync(Scheduled(CatchUp.All, "* * * * *"));
        await RoundAsync(second);
        Assert.Empty((await _place.Store.Requests.ListAsync(new RequestQuery { Workflow = "chain" }, second.Token)).Items);
    }

    [Fact]
    public async Task A_schedule_that_was_taken_away_while_no_manager_ran_has_missed_nothing_when_it_comes_back()
    {
        await using (var first = await StartAsync(Scheduled(CatchUp.All)))
            await RoundAsync(first);
        await using (var without = await StartAsync(TestWorkflows.Chain("chain", "a")))
            await RoundAsync(without);
        _clock.Forward(TimeSpan.FromMinutes(15));

        await using var again = await StartAsync(Scheduled(CatchUp.All));
        await RoundAsync(again);

        Assert.Equal(0, await CountAsync(again));
    }

    /// <summary>In Zurich clocks go from 02:00 to 03:00 on 2026-03-29, and from 03:00 to 02:00 on 2026-10-25.</summary>
    [Theory]
    [InlineData("30 2 * * *", "2026-03-28T12:00:00Z", "2026-03-30T12:00:00Z", "2026-03-29T01:00:00Z 2026-03-30T00:30:00Z")]
    [InlineData("30 2 * * *", "2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z")]
    [InlineData("0 9 * * *", "2026-03-28T00:00:00Z", "2026-03-29T12:00:00Z", "2026-03-28T08:00:00Z 2026-03-29T07:00:00Z")]
    [InlineData("*/30 * * * *", "2026-10-25T00:15:00Z", "2026-10-25T01:45:00Z", "2026-10-25T00:30:00Z 2026-10-25T01:00:00Z 2026-10-25T01:30:00Z")]
    public async Task A_schedule_of_a_time_zone_goes_by_its_clocks(string cron, string from, string to, string expected)
    {
        var clock = new FixedClock { Now = DateTimeOffset.Parse(from, CultureInfo.InvariantCulture) };
        var chain = Scheduled(CatchUp.All, cron);
        chain = chain with { Schedule = chain.Schedule! with { TimeZone = "Europe/Zurich" } };
        await using var manager = await TestManager.StartAsync(_place.Bus, _place.Store, new WorkflowManagerOptions { Workflows = [chain] }, clock);
        await RoundAsync(manager);

        clock.Now = DateTimeOffset.Parse(to, CultureInfo.InvariantCulture);
        await RoundAsync(manager);

        var page = await _place.Store.Requests.ListAsync(new RequestQuery { Workflow = "chain" }, manager.Token);
        Assert.Equal(expected.Split(' '), page.Items.Select(request => request.Key!["schedule:".Length..]).Order());
    }

    private sealed class FixedClock : TimeProvider
    {
        public required DateTimeOffset Now { get; set; }

        public override DateTimeOffset GetUtcNow() => Now;
    }

    private static WorkflowDefinition Scheduled(CatchUp catchUp, string cron = "*/5 * * * *", string payload = "{}") =>
        TestWorkflows.Chain("chain", "a") with { Schedule = new Schedule(cron, Encoding.UTF8.GetBytes(payload)) { CatchUp = catchUp } };

    private Task<TestManager> StartAsync(WorkflowDefinition chain, string name = "manager") =>
        TestManager.StartAsync(_place.Bus, _place.Store, new WorkflowManagerOptions { Name = name, Workflows = [chain] }, _clock);

    private static Task RoundAsync(TestManager manager) => manager.Get<ScheduleRound>().RunAsync(manager.Token);

    private async Task<int> CountAsync(TestManager manager) =>
        (await _place.Store.Requests.ListAsync(new RequestQuery { Workflow = "chain" }, manager.Token)).Items.Count;
}
