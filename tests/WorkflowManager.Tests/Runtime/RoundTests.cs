using System.Diagnostics;
using Millrace.Contracts;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Retention and the watchdog, by a clock that can be set forward; and the reload of files.</summary>
public sealed class RoundTests
{
    [Fact]
    public async Task Finished_requests_are_removed_once_they_are_older_than_the_retention()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetClock();
        var chain = TestWorkflows.Chain("chain", "a") with { Retention = TimeSpan.FromDays(30) };
        await using var manager = await TestManager.StartAsync(place.Bus, place.Store, new WorkflowManagerOptions { Workflows = [chain] }, clock);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var ids = await place.PublishAsync("chain", 300);
        foreach (var id in ids)
            await manager.FinishAsync(id);
        await manager.Get<RetentionRound>().RunAsync(manager.Token);
        Assert.NotNull(await manager.FindAsync(ids[0]));
        clock.Forward(TimeSpan.FromDays(31));
        await RemoveAsync(manager, ids);
        Assert.DoesNotContain(await place.Store.Requests.CountAsync(manager.Token), count => count.Count != 0);
    }

    /// <summary>A request stays until the store knows that its result is sent, which may take a round or two.</summary>
    private static Task RemoveAsync(TestManager manager, IReadOnlyList<Guid> ids) => Millrace.Testing.ManagerClient.EventuallyAsync(
        async () =>
        {
            await manager.Get<RetentionRound>().RunAsync(manager.Token);
            return (await Task.WhenAll(ids.Select(manager.FindAsync))).All(request => request is null);
        },
        TimeSpan.FromSeconds(30), () => Task.FromResult("requests are left"));

    [Fact]
    public async Task What_has_not_moved_for_long_is_counted_by_its_reason()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetClock();
        await using var manager = await TestManager.StartAsync(
            place.Bus, place.Store, new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("stuck-chain", "nobody")], WatchdogMaxRequests = 1 }, clock);
        var stuck = new List<string>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RuntimeMeter.Name && instrument.Name == "millrace.stuck")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => stuck.Add($"{tags[0].Value} {tags[1].Value} {count}"));
        listener.Start();
        async Task<IReadOnlyList<string>> LookAsync()
        {
            await manager.Get<WatchdogRound>().RunAsync(manager.Token);
            stuck.Clear();
            listener.RecordObservableInstruments();
            return [.. stuck.Where(found => found.StartsWith("stuck-chain", StringComparison.Ordinal))];
        }
        var ids = await place.PublishAsync("stuck-chain", 250);
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        Assert.Empty(await LookAsync());
        clock.Forward(TimeSpan.FromHours(1));
        Assert.Empty(await LookAsync());
        Assert.Equal(["stuck-chain no_consumer 250"], await LookAsync());
        Assert.Equal(["stuck-chain no_consumer 250"], await LookAsync());

        await manager.DoAsync([.. ids.Select(id => Works.Cancel(id, "me"))]);
        await LookAsync();
        Assert.Empty(await LookAsync());
    }

    [Fact]
    public async Task A_request_that_nobody_can_read_hides_none_behind_it()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetClock();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("unreadable", "nobody")] };
        await using var manager = await TestManager.StartAsync(place.Bus, place.Store, options, clock);
        var good = (await place.PublishAsync("unreadable", 1))[0];
        await manager.UntilAsync(good, view => view.Steps[0].Status == "dispatched");
        var stored = (await place.Store.Requests.LoadAsync([good], manager.Token))[0]!.Record;
        var broken = stored with { Id = Guid.NewGuid(), Key = null, CreatedAt = stored.CreatedAt.AddMinutes(-1), Version = 1, State = new byte[] { 99 }, DueAt = null };
        await place.Store.Requests.CommitAsync(
            [new RequestChange { Record = broken, Outputs = [], Timeline = default, Effects = default, Counts = [] }], [], "test", clock.GetUtcNow(), manager.Token);
        clock.Forward(TimeSpan.FromHours(1));
        var stuck = new List<string>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RuntimeMeter.Name && instrument.Name == "millrace.stuck")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => stuck.Add($"{tags[0].Value} {tags[1].Value} {count}"));
        listener.Start();

        await manager.Get<WatchdogRound>().RunAsync(manager.Token);
        listener.RecordObservableInstruments();

        Assert.Equal(["unreadable no_consumer 1", "unreadable unreadable 1"], stuck.Where(found => found.StartsWith("unreadable", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public async Task Of_several_managers_one_counts_what_is_stuck_and_another_once_that_one_is_gone()
    {
        await using var place = await Workplace.OpenAsync();
        var (clock, workflow) = (new SetClock(), TestWorkflows.Chain("counted-once", "nobody-at-all"));
        WorkflowManagerOptions Named(string name) => new() { Name = name, Workflows = [workflow] };
        var stuck = new List<string>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == RuntimeMeter.Name && instrument.Name == "millrace.stuck")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => stuck.Add($"{tags[0].Value} {count}"));
        listener.Start();
        await using var second = await TestManager.StartAsync(place.Bus, place.Store, Named("second"), clock);
        await using (var first = await TestManager.StartAsync(place.Bus, place.Store, Named("first"), clock))
        {
            var id = (await place.PublishAsync("counted-once", 1))[0];
            await first.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
            clock.Forward(TimeSpan.FromHours(1));

            Assert.Equal(["counted-once 1"], await RoundAsync(first, second));
        }
        clock.Forward(TimeSpan.FromHours(1));

        Assert.Equal(["counted-once 1"], await RoundAsync(second));

        async Task<IEnumerable<string>> RoundAsync(params TestManager[] managers)
        {
            foreach (var manager in managers)
                await manager.Get<WatchdogRound>().RunAsync(manager.Token);
            stuck.Clear();
            listener.RecordObservableInstruments();
            return stuck.Where(found => found.StartsWith("counted-once", StringComparison.Ordinal)).ToList();
        }
    }

    [Fact]
    public async Task Requests_of_a_workflow_that_is_no_longer_defined_are_removed_as_its_last_definition_says()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetClock();
        var old = TestWorkflows.Chain("old", "a") with { Retention = TimeSpan.FromDays(30) };
        IReadOnlyList<Guid> ids;
        await using (var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input))
        await using (var first = await place.ManageAsync(new WorkflowManagerOptions { Name = "first", Workflows = [old] }))
        {
            ids = await place.PublishAsync("old", 3);
            foreach (var id in ids)
                await first.FinishAsync(id);
        }
        await using var second = await TestManager.StartAsync(
            place.Bus, place.Store, new WorkflowManagerOptions { Name = "second", Workflows = [TestWorkflows.Chain("new", "a")] }, clock);
        await second.Get<RetentionRound>().RunAsync(second.Token);
        Assert.NotNull(await second.FindAsync(ids[0]));
        clock.Forward(TimeSpan.FromDays(31));
        await RemoveAsync(second, ids);
    }

    [Fact]
    public async Task A_changed_file_is_for_new_requests_and_a_broken_one_for_none()
    {
        await using var place = await Workplace.OpenAsync();
        using var folder = new Millrace.Testing.TemporaryFolder("workflows");
        var file = Path.Combine(folder.Path, "w.yaml");
        await File.WriteAllTextAsync(file, "workflows:\n  - name: w\n    key: uri\n    steps:\n      - name: a\n");
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { WorkflowsFolder = folder.Path, ReloadIntervalMs = 100 });
        var old = (await place.PublishAsync("w", 1))[0];
        await manager.UntilAsync(old, view => view.Steps[0].Status == "dispatched");
        await File.WriteAllTextAsync(file, "workflows:\n  - name: w\n    key: uri\n    steps:\n      - name: a\n      - name: b\n        depends: [ a ]\n");
        var catalog = manager.Get<WorkflowManager.Runtime.Definitions.WorkflowCatalog>();
        while (catalog.Find("w")!.Steps.Length < 2)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, manager.Token);
        await File.WriteAllTextAsync(file, "workflows: nonsense");
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);
        Assert.Single((await manager.FinishAsync(old)).Steps);
        Assert.Equal(2, (await manager.FinishAsync((await place.PublishAsync("w", 1, 1))[0])).Steps.Count);
    }

    [Fact]
    public async Task A_changed_file_that_an_outage_kept_from_being_taken_is_taken_once_it_is_over()
    {
        await using var place = await Workplace.OpenAsync();
        using var folder = new Millrace.Testing.TemporaryFolder("workflows");
        var file = Path.Combine(folder.Path, "w.yaml");
        await File.WriteAllTextAsync(file, "workflows:\n  - name: w\n    steps:\n      - name: a\n");
        var failpoints = new Failpoints(Fault.None, 0, seed: 0) { Forbidden = "late" };
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { WorkflowsFolder = folder.Path, ReloadIntervalMs = 100 }, failpoints);
        var catalog = manager.Get<WorkflowManager.Runtime.Definitions.WorkflowCatalog>();

        await File.WriteAllTextAsync(file, "workflows:\n  - name: w\n    steps:\n      - name: late\n");
        await failpoints.Refused.WaitAsync(manager.Token);
        Assert.Equal("a", catalog.Find("w")!.Steps[0].Name);
        failpoints.IsArmed = false;

        while (catalog.Find("w")!.Steps[0].Name != "late")
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, manager.Token);
    }

    [Fact]
    public async Task The_messages_of_a_request_and_its_own_span_are_of_one_trace()
    {
        await using var place = await Workplace.OpenAsync();
        var spans = new System.Collections.Concurrent.ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RuntimeMeter.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("traced", "a"));
        var seen = new TaskCompletionSource<string>();
        await using var worker = await place.Bus.ConsumeAsync(new Millrace.Messaging.ConsumerOptions { Queue = "a" }, async (message, token) =>
        {
            seen.TrySetResult(message.Properties.Headers[Wire.TraceParentHeader]);
            await place.Bus.SendAsync(
                [new Millrace.Messaging.OutgoingMessage("", Wire.ReplyQueue, default, new Millrace.Messaging.MessageProperties { CorrelationId = message.Properties.CorrelationId })], token);
        }, manager.Token);
        var id = (await place.PublishAsync("traced", 1))[0];
        await manager.FinishAsync(id);
        var trace = (await seen.Task).Split('-')[1];
        Assert.Equal(trace, id.ToString("N"));
        while (!spans.Any(span => span.TraceId.ToString() == trace && span.DisplayName == "request traced"))
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
    }
}
