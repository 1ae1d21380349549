using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>
/// What must hold when the dust has settled: every published id is final exactly once and its result was published, nothing
/// else runs, every nonsense is a dead letter with its reason, queues are empty and memory is bounded.
/// </summary>
internal sealed class Reckoning(Scene scene)
{
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(20);

    /// <summary>Waits until everything has ended, and then checks it.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await SettleAsync(cancellationToken);
        await CheckAsync(cancellationToken);
    }

    public override string ToString() =>
        $"{scene.Ledger.Published.Count} posts, {scene.Ledger.Cancelled.Count} cancelled, {scene.Ledger.Poison.Count} poisoned, {scene.Ledger.Outcomes.Count(outcome => outcome.IsForged)} forged, {scene.Watcher.Looks} looked at while running, peak {scene.Suite.PeakBytes >> 20} MiB";

    public async Task<string> StateAsync()
    {
        var text = new StringBuilder($"{scene.Ledger.WithoutResult.Count()} of {scene.Ledger.Published.Count} without a result\n");
        try
        {
            using var manager = new ManagerClient(scene.Suite.Managers[0].Url);
            text.AppendLine((await manager.GetAsync("api/counts")).ToJsonString());
            foreach (var item in (await manager.GetAsync("api/requests?status=running&limit=3"))["items"]!.AsArray())
                text.AppendLine((await manager.GetAsync($"api/requests/{item!["id"]}")).ToJsonString())
                    .AppendLine((await manager.GetAsync($"api/requests/{item["id"]}/timeline")).ToJsonString());
            foreach (var id in scene.Ledger.WithoutResult.Take(3))
                text.AppendLine((await manager.GetAsync($"api/requests/{id}")).ToJsonString());
        }
        catch (Exception failure)
        {
            // The state is told as far as it can be seen; what failed before is the news.
            text.AppendLine($"and no more can be said: {failure.Message}");
        }
        return text.AppendJoin("\n---\n", scene.Suite.All.Select(service => $"{service.Name}: {service.Log}")).ToString();
    }

    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        using var manager = new ManagerClient(scene.Suite.Managers[0].Url);
        await ManagerClient.EventuallyAsync(async () =>
        {
            scene.Suite.Look();
            cancellationToken.ThrowIfCancellationRequested();
            return await HasEndedAllAsync(manager) && !scene.Ledger.WithoutResult.Any();
        }, ChaosSettings.SettleLimit, () => Task.FromResult("it did not settle"));
    }

    /// <summary>A manager that has just come back may say 503 to a call that takes a connection which is gone.</summary>
    private static async Task<bool> HasEndedAllAsync(ManagerClient manager)
    {
        try
        {
            return (await manager.GetAsync($"api/requests?workflow={Ledger.Workflow}&status=running&limit=1"))["items"]!.AsArray().Count == 0;
        }
        catch (HttpRequestException failure) when (failure.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return false;
        }
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var manager = new ManagerClient(scene.Suite.Managers[0].Url);
        Assert.Empty(scene.Watcher.Complaints);
        Assert.NotEqual(0, scene.Watcher.Looks);
        Assert.True(scene.Ledger.Published.Count >= ChaosSettings.MinPosts, $"only {scene.Ledger.Published.Count} posts got in");
        await CheckRequestsAsync(manager);
        // MongoDB's lose those of the commits under way when a manager is killed, as the table in shared/Storage says.
        if (scene.Place.Kind != StoreKind.Mongo)
            await CheckCountsAsync(manager);
        await CheckQueuesAsync(cancellationToken);
        await CheckDeadLettersAsync(cancellationToken);
        await CheckMonitorAsync(cancellationToken);
        scene.Suite.Look();
        Assert.InRange(scene.Suite.PeakBytes, 1, ChaosSettings.MaxBytes);
    }

    /// <summary>Nobody else has put posts into the monitor, and with a save for each post it forgets none.</summary>
    private async Task CheckMonitorAsync(CancellationToken cancellationToken)
    {
        var completed = scene.Ledger.Outcomes.Count(outcome => outcome.HasVector);
        var watched = 0L;
        await ManagerClient.EventuallyAsync(async () =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (watched = await scene.Suite.WatchedPostsAsync()) >= completed;
        }, DrainLimit, () => Task.FromResult($"the monitor knows {watched} of {completed} posts"));
        Assert.Equal(completed, watched);
    }

    /// <summary>Every id of the ledger is listed, nothing that nobody sent is, and whatever is listed has ended once, as its result says.</summary>
    private async Task CheckRequestsAsync(ManagerClient manager)
    {
        var listed = await ReadAllAsync(manager, "api/requests?limit=1000");
        foreach (var id in scene.Ledger.Published.Keys)
            Assert.True(listed.ContainsKey(id), $"{id} is lost");
        foreach (var (id, item) in listed)
        {
            Assert.True(scene.Ledger.Begun.TryGetValue(id, out var key), $"{id} is there, and nobody has sent it: {item.ToJsonString()}");
            // Of a post that was never confirmed the settling has not asked for the result.
            await ManagerClient.EventuallyAsync(
                () => Task.FromResult(scene.Ledger.OutcomeOf(id) is not null), DrainLimit, () => Task.FromResult($"{id} has no result"));
            CheckEnd(id, key, item["status"]!.ToString(), scene.Ledger.OutcomeOf(id)!);
            await CheckTimelineAsync(manager, id);
        }
        foreach (var (id, key) in scene.Ledger.Published.Where((_, index) => index % 5 == 0))
            await CheckChildrenAsync(manager, id, key, listed[id]["status"]!.ToString());
    }

    /// <summary>With patience in its retries no request fails, and only those that were asked to are cancelled.</summary>
    private void CheckEnd(Guid id, string key, string status, Outcome outcome)
    {
        Assert.Equal(status, outcome.Status);
        Assert.Null(outcome.Contradiction);
        if (status == "cancelled")
            Assert.Contains(id, scene.Ledger.Cancelled.Keys);
        else
            Assert.Equal("completed", status);
        if (outcome.IsForged)
            Assert.True(Ledger.ChildrenOf(id, key).Append(id).Any(scene.Workers.Wronged.ContainsKey), $"{id} holds a forged answer, and nobody answered in its name");
        else if (status == "completed" && Ledger.Fault(key, outcome.Result) is { } fault)
            Assert.Fail($"{id}: {fault}: {outcome.Result?.ToJsonString()}");
    }

    /// <summary>One beginning, one end, and no step that completed twice.</summary>
    private static async Task CheckTimelineAsync(ManagerClient manager, Guid id)
    {
        var events = (await manager.GetAsync($"api/requests/{id}/timeline"))["events"]!.AsArray();
        Assert.Single(events, happened => happened!["kind"]!.ToString() == "accepted");
        Assert.Single(events, happened => happened!["step"] is null && happened["kind"]!.ToString() is "completed" or "failed" or "cancelled");
        Assert.All(
            events.Where(happened => happened!["step"] is not null && happened["kind"]!.ToString() == "completed").GroupBy(happened => happened!["step"]!.ToString()),
            step => Assert.True(step.Count() == 1, $"{step.Key} of {id} completed {step.Count()} times"));
    }

    /// <summary>The items of its list became requests once each, and ended.</summary>
    private static async Task CheckChildrenAsync(ManagerClient manager, Guid id, string key, string status)
    {
        var children = await ReadAllAsync(manager, $"api/requests?parent={id}&limit=1000");
        var expected = Ledger.ChildrenOf(id, key).ToHashSet();
        Assert.True(children.Keys.All(expected.Contains), $"{id} has children that are not its items'");
        if (status == "completed")
            Assert.Equal(expected.Count, children.Count);
        foreach (var (child, item) in children)
        {
            Assert.True(item["status"]!.ToString() is "completed" || status == "cancelled" && item["status"]!.ToString() == "cancelled", $"child {child} of {id}, which is {status}, is {item["status"]}");
            await CheckTimelineAsync(manager, child);
        }
    }

    private static async Task<Dictionary<Guid, JsonNode>> ReadAllAsync(ManagerClient manager, string path)
    {
        var all = new Dictionary<Guid, JsonNode>();
        string? after = null;
        do
        {
            var page = await manager.GetAsync(path + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)));
            foreach (var item in page["items"]!.AsArray())
                Assert.True(all.TryAdd(Guid.Parse(item!["id"]!.ToString()), item), $"{item["id"]} is listed twice");
            after = page["next"]?.ToString();
        }
        while (after is not null);
        return all;
    }

    /// <summary>Nothing stands anywhere on the way.</summary>
    private static async Task CheckCountsAsync(ManagerClient manager)
    {
        var left = (await manager.GetAsync("api/counts"))["items"]!.AsArray()
            .Where(row => row!["status"]!.ToString() is not ("completed" or "failed" or "skipped" or "cancelled") && (long)row["count"]! != 0);
        Assert.Empty(left.Select(row => row!.ToJsonString()));
    }

    private async Task CheckQueuesAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in (string[])[.. Enumerable.Range(0, Wire.MaxReplyQueues).Select(Wire.ReplyQueueOf), Wire.IngestQueue, Wire.UnknownQueue, Wire.SuspectsQueue, Wire.WantedQueue, .. scene.Suite.Others.Select(service => service.Name), .. NaughtyWorkers.Queues])
        {
            await ManagerClient.EventuallyAsync(
                async () => await scene.Bus.InspectAsync(queue, cancellationToken) is not { Messages: > 0 }, DrainLimit,
                () => Task.FromResult($"{queue} is not empty"));
        }
    }

    private async Task CheckDeadLettersAsync(CancellationToken cancellationToken)
    {
        var missing = new HashSet<string>(scene.Ledger.Poison.Keys);
        var unexplained = 0;
        await using (await scene.Bus.ConsumeAsync(
            new ConsumerOptions { Queue = Wire.DeadLetterQueue },
            (message, _) =>
            {
                lock (missing)
                {
                    missing.Remove(message.Properties.MessageId ?? "");
                    if (!message.Properties.Headers.TryGetValue(Wire.ReasonHeader, out var reason) || reason.Length == 0)
                        unexplained++;
                }
                return Task.CompletedTask;
            },
            cancellationToken))
        {
            await ManagerClient.EventuallyAsync(
                async () => await scene.Bus.InspectAsync(Wire.DeadLetterQueue, cancellationToken) is not { Messages: > 0 } && Count(missing) == 0, DrainLimit,
                () => Task.FromResult($"not dead-lettered: {string.Join(", ", missing)}"));
        }
        Assert.Equal(0, unexplained);
    }

    private static int Count(HashSet<string> missing)
    {
        lock (missing)
            return missing.Count;
    }
}
