using System.Collections.Concurrent;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>A rate limit holds for what workers get, and not only for what was decided.</summary>
public sealed class PaceAfterOutageTests
{
    private static readonly RateLimit Limit = new(10, TimeSpan.FromSeconds(1));

    private static readonly WorkflowDefinition Plain = TestWorkflows.Chain("chain", "a");

    /// <summary>The same under the same hash, so that a request of the one is one of the other.</summary>
    private static readonly WorkflowDefinition Paced = Plain with { Steps = [Plain.Steps[0] with { RateLimit = Limit }] };

    private static readonly WorkflowManagerOptions Options = new() { Workflows = [Paced], ResendDelayMs = 20, DuePollMs = 10, LeaseSeconds = 2 };

    [Fact]
    public async Task What_had_its_slots_while_the_broker_was_away_does_not_leave_together_once_it_is_back()
    {
        await using var place = await Workplace.OpenAsync();
        var outage = new Failpoints(Fault.SendIsLost, share: 1, seed: 0) { IsArmed = false };
        await using var manager = await place.ManageAsync(Options, outage);
        outage.IsArmed = true;
        var ids = await place.PublishAsync("chain", 60);
        await manager.UntilAsync(ids[^1], view => view.Steps[0].Status == "throttled");
        var half = (await manager.TimelineAsync(ids[35])).First(happened => happened.Kind == "rate_limited").Until!.Value;
        while (TimeProvider.System.GetUtcNow() < half)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);

        outage.IsArmed = false;

        await ArriveOneByOneAsync(place, manager, ids);
    }

    [Fact]
    public async Task What_a_dead_manager_had_decided_and_not_sent_does_not_leave_together()
    {
        await using var place = await Workplace.OpenAsync();
        var (ids, now) = (Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToList(), TimeProvider.System.GetUtcNow());
        await place.Store.Requests.CommitAsync(
            [.. ids.Select(id => SavedRequests.Begin(place, Plain, id, now.AddMinutes(-10)))], [], "gone", now, TestContext.Current.CancellationToken);

        await using var manager = await place.ManageAsync(Options);

        await ArriveOneByOneAsync(place, manager, ids);
    }

    private static async Task ArriveOneByOneAsync(Workplace place, TestManager manager, IReadOnlyList<Guid> ids)
    {
        var arrived = new ConcurrentQueue<long>();
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", item =>
        {
            arrived.Enqueue(TimeProvider.System.GetTimestamp());
            return item.Done(item.Input);
        });
        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.Equal(ids.Count, worker.Calls);
        // A busy machine moves them a little; as many as this together would be two seconds' worth.
        var times = arrived.Order().ToList();
        Assert.All(times.Zip(times.Skip(20)), pair => Assert.True(TimeProvider.System.GetElapsedTime(pair.First, pair.Second) > TimeSpan.FromSeconds(1)));
    }
}
