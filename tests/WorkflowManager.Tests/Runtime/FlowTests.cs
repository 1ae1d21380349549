using Millrace.Contracts;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>A manager that falls behind takes less in, instead of growing.</summary>
public sealed class FlowTests
{
    private const int Posts = 200;
    private const int MaxRunning = 20;
    private const int Prefetch = 5;

    [Fact]
    public async Task While_too_much_runs_new_posts_stay_on_their_queue_and_come_in_as_others_end()
    {
        await using var place = await Workplace.OpenAsync();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")], MaxRunning = MaxRunning, IngestPrefetch = Prefetch };
        await using var manager = await place.ManageAsync(options);
        var ids = new List<Guid>();
        foreach (var index in Enumerable.Range(0, Posts))
            ids.AddRange(await place.PublishAsync("chain", 1, index));
        await manager.UntilAsync(ids[MaxRunning - 1], view => view.Status == "running");

        Assert.InRange(await RunningAsync(place, manager), MaxRunning, MaxRunning + Prefetch);
        Assert.InRange((await place.Bus.InspectAsync(Wire.IngestQueue, manager.Token))!.Messages, Posts - MaxRunning - (2 * Prefetch), Posts - MaxRunning);

        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.Equal(Posts, worker.Calls);
    }

    private static async Task<long> RunningAsync(Workplace place, TestManager manager) =>
        (await place.Store.Requests.CountAsync(manager.Token)).Single(count => count is { Step: "", Status: "running" }).Count;
}
