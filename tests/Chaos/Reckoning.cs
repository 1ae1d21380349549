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
            return await manager.CountAsync(Ledger.Workflow, "running") == 0
                && !scene.Ledger.WithoutResult.Any();
        }, ChaosSettings.SettleLimit, () => Task.FromResult("it did not settle"));
    }

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        using var manager = new ManagerClient(scene.Suite.Managers[0].Url);
        Assert.Empty(scene.Watcher.Complaints);
        Assert.NotEqual(0, scene.Watcher.Looks);
        Assert.True(scene.Ledger.Published.Count >= ChaosSettings.MinPosts, $"only {scene.Ledger.Published.Count} posts got in");
        await CheckRequestsAsync(manager);
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

    /// <summary>Every id of the ledger is listed exactly once, ended once, and ended as its result says.</summary>
    private async Task CheckRequestsAsync(ManagerClient manager)
    {
        var listed = new Dictionary<Guid, JsonNode>();
        await foreach (var item in ListAsync(manager))
            Assert.True(listed.TryAdd(Guid.Parse(item["id"]!.ToString()), item), $"{item["id"]} is listed twice");
        foreach (var id in scene.Ledger.Published.Keys)
        {
            Assert.True(listed.TryGetValue(id, out var item), $"{id} is lost");
            var status = item["status"]!.ToString();
            CheckEnd(id, status, scene.Ledger.OutcomeOf(id)!);
        }
        foreach (var id in scene.Ledger.Published.Keys.Where((_, index) => index % 5 == 0))
        {
            var kinds = (await manager.GetAsync($"api/requests/{id}/timeline"))["events"]!.AsArray();
            Assert.Single(kinds, happened => happened!["kind"]!.ToString() == "accepted");
            Assert.Single(kinds, happened => happened!["step"] is null && happened["kind"]!.ToString() is "completed" or "failed" or "cancelled");
        }
    }

    /// <summary>With patience in its retries no request fails, and only those that were asked to are cancelled.</summary>
    private void CheckEnd(Guid id, string status, Outcome outcome)
    {
        Assert.Equal(status, outcome.Status);
        Assert.Null(outcome.Contradiction);
        if (status == "cancelled")
            Assert.Contains(id, scene.Ledger.Cancelled.Keys);
        else
            Assert.Equal("completed", status);
        if (status == "completed" && !outcome.IsForged && Ledger.Fault(scene.Ledger.Published[id], outcome.Result) is { } fault)
            Assert.Fail($"{id}: {fault}: {outcome.Result?.ToJsonString()}");
    }

    private static async IAsyncEnumerable<JsonNode> ListAsync(ManagerClient manager)
    {
        string? after = null;
        do
        {
            var page = await manager.GetAsync("api/requests?limit=1000" + (after is null ? "" : "&after=" + Uri.EscapeDataString(after)));
            foreach (var item in page["items"]!.AsArray())
                yield return item!;
            after = page["next"]?.ToString();
        }
        while (after is not null);
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
        foreach (var queue in (string[])[Wire.ReplyQueue, Wire.IngestQueue, .. scene.Suite.Others.Select(service => service.Name), .. NaughtyWorkers.Queues])
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
