using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Testing;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Tests.Runtime.Ingest;

/// <summary>Posts whose workflow a manager does not know: too new, or none at all.</summary>
public sealed class UnknownWorkflowTests : IAsyncLifetime
{
    private const int Never = 3_600_000;

    private readonly TemporaryFolder _folder = new("workflows");
    private Workplace _place = null!;

    public async ValueTask InitializeAsync()
    {
        _place = await Workplace.OpenAsync();
        Write("w.yaml", "w");
    }

    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_post_for_a_workflow_whose_file_has_just_come_is_taken_without_waiting_for_the_next_look()
    {
        await using var manager = await _place.ManageAsync(Options(Never));
        await using var worker = await PlainWorker.StartAsync(_place.Bus, "a", input => input);
        Write("later.yaml", "later");

        var id = (await _place.PublishAsync("later", 1))[0];

        Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task A_post_that_comes_before_the_file_of_its_workflow_waits_for_it_and_holds_nobody_up()
    {
        await using var manager = await _place.ManageAsync(Options(Never) with { IngestPrefetch = 2 });
        await using var worker = await PlainWorker.StartAsync(_place.Bus, "a", input => input);
        var early = new List<Guid>();
        for (var post = 0; post < 5; post++)
            early.AddRange(await _place.PublishAsync("later", 1, post));

        var known = (await _place.PublishAsync("w", 1))[0];

        Assert.Equal("completed", (await manager.FinishAsync(known)).Status);
        Assert.Null(await manager.FindAsync(early[0]));
        Write("later.yaml", "later");
        foreach (var id in early)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task Posts_for_a_workflow_that_another_manager_knows_are_taken_whichever_of_them_gets_them()
    {
        await using var old = await _place.ManageAsync(Options(Never) with { Name = "old" });
        using var newer = new TemporaryFolder("workflows");
        await File.WriteAllTextAsync(Path.Combine(newer.Path, "later.yaml"), Yaml("later"), old.Token);
        await using var young = await _place.ManageAsync(Options(Never) with { Name = "young", WorkflowsFolder = newer.Path });
        await using var worker = await PlainWorker.StartAsync(_place.Bus, "a", input => input);
        var ids = new List<Guid>();
        for (var post = 0; post < 20; post++)
            ids.AddRange(await _place.PublishAsync("later", 1, post));

        // What the old one holds goes back when it leaves.
        await old.StopAsync();

        foreach (var id in ids)
            Assert.Equal("completed", (await young.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task A_post_for_a_workflow_that_does_not_come_is_dead_lettered_with_what_sends_it_again()
    {
        await using var manager = await _place.ManageAsync(Options(Never) with { UnknownWorkflowSeconds = 1 });
        await _place.Bus.SendAsync([new OutgoingMessage(Wire.IngestExchange, "never", Encoding.UTF8.GetBytes("{}"), MessageProperties.Empty)], manager.Token);

        Assert.Contains("'never', and none came within 1 s", await _place.NextDeadLetterAsync(manager.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_folder_is_looked_at_once_for_all_who_ask_within_a_second()
    {
        var clock = new StoppedClock();
        await using var manager = await TestManager.StartAsync(_place.Bus, _place.Store, Options(Never), clock);
        var loader = manager.Get<WorkflowLoader>();
        Assert.Null(await loader.FindAsync("later", manager.Token));
        Write("later.yaml", "later");

        Assert.Null(await loader.FindAsync("later", manager.Token));
        clock.Forward(WorkflowLoader.LookPause);

        Assert.NotNull(await loader.FindAsync("later", manager.Token));
    }

    [Fact]
    public async Task A_folder_that_has_become_empty_keeps_the_old_workflows_and_says_so_until_it_is_filled()
    {
        await using var manager = await _place.ManageAsync(Options(100));
        var health = manager.Get<ManagerHealth>();
        File.Delete(Path.Combine(_folder.Path, "w.yaml"));

        var empty = await UntilAsync(manager, health, HealthStatus.Degraded);
        Assert.Contains("has become empty", empty.Description, StringComparison.Ordinal);
        Assert.NotNull(manager.Get<WorkflowCatalog>().Find("w"));
        Write("other.yaml", "other");

        await UntilAsync(manager, health, HealthStatus.Healthy);
        Assert.Equal(["other"], manager.Get<WorkflowCatalog>().Current.Select(definition => definition.Name));
    }

    private static async Task<HealthCheckResult> UntilAsync(TestManager manager, ManagerHealth health, HealthStatus status)
    {
        while (true)
        {
            var result = await health.CheckHealthAsync(
                new HealthCheckContext { Registration = new HealthCheckRegistration("manager", health, HealthStatus.Unhealthy, null) }, manager.Token);
            if (result.Status == status)
                return result;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, manager.Token);
        }
    }

    private WorkflowManagerOptions Options(int reloadMs) =>
        new() { WorkflowsFolder = _folder.Path, ReloadIntervalMs = reloadMs, UnknownWorkflowSeconds = 600 };

    private void Write(string file, string workflow) => File.WriteAllText(Path.Combine(_folder.Path, file), Yaml(workflow));

    private static string Yaml(string workflow) => $"workflows: [ {{ name: {workflow}, key: uri, steps: [ {{ name: a }} ] }} ]";

    /// <summary>Its time stamps stand still until they are set forward; timers and dates go on.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Forward(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

        public override long GetTimestamp() => Interlocked.Read(ref _ticks);
    }
}
