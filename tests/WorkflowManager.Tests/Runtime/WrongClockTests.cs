using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Two managers on one store, and the clock of one jumps: nobody's requests suffer, and it goes on by itself once its clock is right.</summary>
public sealed class WrongClockTests
{
    private static readonly WorkflowDefinition Workflow = TestWorkflows.Chain("chain", "a") is var chain
        ? chain with
        {
            Timeout = TimeSpan.FromHours(1),
            Retention = TimeSpan.FromHours(1),
            Steps = [chain.Steps[0] with { Timeout = TimeSpan.FromMinutes(30), Retry = new RetryRule { Attempts = 1 } }],
        } : null!;

    private static readonly WorkflowManagerOptions Options =
        new() { Workflows = [Workflow], DuePollMs = 10, ResendDelayMs = 20, LeaseSeconds = 2, RetentionIntervalSeconds = 1 };

    [Theory]
    [InlineData(120)]
    [InlineData(-120)]
    public async Task A_clock_that_jumps_fails_no_request_and_dates_none_wrongly(int minutes)
    {
        var clock = new JumpingClock();
        await using var place = await Workplace.OpenAsync();
        await using var wrong = await ManageAsync(place, "wrong", clock);
        var early = (await place.PublishAsync("chain", 1))[0];
        await wrong.UntilAsync(early, view => view.Steps[0].Status == "dispatched");

        clock.Jump(TimeSpan.FromMinutes(minutes));
        var late = (await place.PublishAsync("chain", 1, from: 1))[0];
        await wrong.UntilAsync(late, view => view.Steps[0].Status == "dispatched");
        await UntilAsync(wrong, HealthStatus.Unhealthy);
        await using var otherStore = await place.OpenStoreAsync();
        await using var right = await TestManager.StartAsync(place.Bus, otherStore, Options with { Name = "right" });
        // By then all that is due by its clock has been seen to.
        await LookOftenAsync(right);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        foreach (var id in new[] { early, late })
        {
            var view = await right.FinishAsync(id);
            Assert.Equal(("completed", 1), (view.Status, view.Steps[0].Attempt));
            Assert.InRange(view.CreatedAt, TimeProvider.System.GetUtcNow().AddMinutes(-5), TimeProvider.System.GetUtcNow());
        }
    }

    [Fact]
    public async Task While_it_is_wrong_the_manager_is_not_ready_and_fires_no_timer_and_then_goes_on_by_itself()
    {
        var clock = new JumpingClock();
        await using var place = await Workplace.OpenAsync();
        var brief = Workflow with { Steps = [Workflow.Steps[0] with { Timeout = TimeSpan.FromMilliseconds(500) }] };
        await using var manager = await ManageAsync(place, "wrong", clock, Options with { Workflows = [brief] });
        clock.Jump(TimeSpan.FromHours(2));
        var told = await UntilAsync(manager, HealthStatus.Unhealthy);
        Assert.Contains("synchronise both clocks", told, StringComparison.Ordinal);
        var id = (await place.PublishAsync("chain", 1))[0];
        var due = (await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched")).UpdatedAt.AddSeconds(1);
        while (TimeProvider.System.GetUtcNow() < due)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
        Assert.Equal("running", (await manager.FindAsync(id))!.Status);

        clock.Jump(TimeSpan.FromHours(-2));

        await UntilAsync(manager, HealthStatus.Healthy);
        Assert.Equal("failed", (await manager.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task Retention_removes_nothing_by_a_clock_that_is_wrong()
    {
        var clock = new JumpingClock();
        var removed = new ConcurrentQueue<DateTimeOffset>();
        await using var place = await Workplace.OpenAsync();
        await using var manager = await ManageAsync(place, "wrong", clock, removing: removed.Enqueue);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.FinishAsync(id);

        clock.Jump(TimeSpan.FromDays(2));
        await UntilAsync(manager, HealthStatus.Unhealthy);
        clock.Jump(TimeSpan.FromDays(-2));
        await UntilAsync(manager, HealthStatus.Healthy);

        var before = removed.Count;
        while (removed.Count == before)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
        Assert.All(removed, at => Assert.True(at < TimeProvider.System.GetUtcNow().AddMinutes(-30)));
        Assert.Equal("completed", (await manager.FindAsync(id))!.Status);
    }

    [Fact]
    public void Between_two_looks_time_passes_whatever_is_done_to_the_clock()
    {
        var own = new JumpingClock();
        var clock = new StoreClock(own);
        own.Jump(TimeSpan.FromHours(1));
        Assert.InRange(clock.GetUtcNow() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));

        clock.Set(own.GetUtcNow(), own.GetTimestamp(), TimeSpan.FromHours(-1));
        Assert.InRange(clock.GetUtcNow() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        Assert.False(clock.HasJumped);
        foreach (var hours in new[] { 5, -10 })
        {
            own.Jump(TimeSpan.FromHours(hours));
            Assert.True(clock.HasJumped);
            Assert.InRange(clock.GetUtcNow() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(-1), TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>On a server's store, whose clock is right.</summary>
    private static Task<TestManager> ManageAsync(
        Workplace place, string name, TimeProvider clock, WorkflowManagerOptions? options = null, Action<DateTimeOffset>? removing = null)
    {
        var server = new Failpoints(Fault.None, 0, seed: 0) { ReadClock = TimeProvider.System.GetUtcNow, Removing = removing ?? (_ => { }) };
        return TestManager.StartAsync(place.Bus, new FailingStore(place.Store, server), (options ?? Options) with { Name = name }, clock);
    }

    private static async Task<string> UntilAsync(TestManager manager, HealthStatus status)
    {
        var check = manager.Get<ManagerHealth>();
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("manager", check, HealthStatus.Unhealthy, tags: null) };
        while (true)
        {
            var health = await check.CheckHealthAsync(context, manager.Token);
            if (health.Status == status)
                return health.Description ?? "";
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
        }
    }

    /// <summary>Many looks at what is due.</summary>
    private static async Task LookOftenAsync(TestManager manager)
    {
        for (var look = 0; look < 20; look++)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
    }
}
