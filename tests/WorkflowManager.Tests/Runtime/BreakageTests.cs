using System.Text.Json.Nodes;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>At every boundary of save, send and acknowledge something breaks, and nothing is lost or counted twice.</summary>
public sealed class BreakageTests
{
    private const int Posts = 160;

    [Theory]
    [InlineData("CommitFails", 0.2, 1)]
    [InlineData("CommitFails", 0.2, 4)]
    [InlineData("CommitIsAmbiguous", 0.2, 1)]
    [InlineData("CommitIsAmbiguous", 0.2, 4)]
    [InlineData("SendIsLost", 0.2, 1)]
    [InlineData("SendIsAmbiguous", 0.2, 4)]
    [InlineData("AckIsLost", 0.1, 4)]
    public async Task Every_request_completes_once_whatever_breaks(string fault, double share, int commitsAtOnce)
    {
        await using var place = await Workplace.OpenAsync();
        var failpoints = new Failpoints(Enum.Parse<Fault>(fault), share, seed: 7) { CommitsAtOnce = commitsAtOnce };
        var options = new WorkflowManagerOptions
        {
            Workflows = [TestWorkflows.Diamond("diamond", "a", "b", "c", "d")],
            ResendDelayMs = 20,
            GroupMaxItems = 10,
        };
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);
        await using var c = await PlainWorker.StartAsync(place.Bus, "c", input => input);
        await using var d = await PlainWorker.StartAsync(place.Bus, "d", input => input);
        await using var manager = await place.ManageAsync(options, failpoints);
        var ids = new List<Guid>();
        foreach (var from in Enumerable.Range(0, Posts / 4).Select(part => part * 4))
            ids.AddRange(await place.PublishAsync("diamond", 4, from));

        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);

        Assert.True(failpoints.Struck > 0);
        var counts = await place.Store.Requests.CountAsync(manager.Token);
        Assert.Equal(Posts, counts.Single(count => count is { Step: "", Status: "completed" }).Count);
        Assert.DoesNotContain(counts, count => count is { Step: "", Status: "running" });
        Assert.All(ids, id => Assert.Equal(1, manager.TimelineAsync(id).Result.Count(happened => happened is { Kind: "completed", Step: null })));
    }

    [Theory]
    [InlineData("first")]
    [InlineData("second")]
    public async Task What_one_manager_saved_and_could_not_send_is_sent_by_the_next(string nextName)
    {
        await using var place = await Workplace.OpenAsync();
        var options = new WorkflowManagerOptions
        {
            Name = "first",
            Workflows = [TestWorkflows.Chain("chain", "a")],
            ResendDelayMs = 20,
            LeaseSeconds = 3_600,
            ResendAtStart = false,
        };
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(options, new Failpoints(Fault.SendIsLost, 1, seed: 1)))
        {
            ids = await place.PublishAsync("chain", 20);
            foreach (var id in ids)
                await first.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        }
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        Assert.Equal(0, worker.Calls);

        await using var next = await place.ManageAsync(options with { Name = nextName });

        foreach (var id in ids)
            Assert.Equal("completed", (await next.FinishAsync(id)).Status);
        Assert.Equal(20, worker.Calls);
    }

    [Fact]
    public async Task On_a_bus_that_forgets_what_was_dispatched_is_sent_again_at_start()
    {
        await using var place = await Workplace.OpenAsync();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a")] };
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(options))
        {
            ids = await place.PublishAsync("chain", 10);
            foreach (var id in ids)
                await first.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        }
        await using var otherBus = Millrace.Messaging.BusFactory.Create("memory:");
        await otherBus.StartAsync(CancellationToken.None);
        await using var worker = await PlainWorker.StartAsync(otherBus, "a", input => input);
        await using var second = await TestManager.StartAsync(otherBus, place.Store, options);
        foreach (var id in ids)
            Assert.Equal("completed", (await second.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task Two_managers_on_one_store_share_the_work_and_finish_each_request_once()
    {
        await using var place = await Workplace.OpenAsync();
        await using var otherStore = await place.OpenStoreAsync();
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.Chain("chain", "a", "b", "c")] };
        await using var one = await place.ManageAsync(options with { Name = "one" });
        await using var two = await TestManager.StartAsync(place.Bus, otherStore, options with { Name = "two" });
        foreach (var queue in new[] { "a", "b", "c" })
            await PlainWorker.StartAsync(place.Bus, queue, input => input);
        var ids = new List<Guid>();
        foreach (var part in Enumerable.Range(0, 50))
            ids.AddRange(await place.PublishAsync("chain", 4, part * 4));
        foreach (var id in ids)
        {
            var view = await one.FinishAsync(id);
            Assert.Equal("completed", view.Status);
            Assert.All(view.Steps, step => Assert.Equal(1, step.Attempt));
        }
        Assert.Equal(200, (await place.Store.Requests.CountAsync(one.Token)).Single(count => count is { Step: "", Status: "completed" }).Count);
    }

    [Fact]
    public async Task The_same_key_again_is_the_same_request_and_another_payload_is_a_conflict_that_changes_nothing()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var ids = await place.PublishAsync("chain", 1);
        await manager.FinishAsync(ids[0]);
        await place.PublishAsync("chain", 1);
        await place.Bus.PublishAsync("chain", new JsonObject { ["uri"] = "at://0", ["text"] = "another" });
        var view = await manager.UntilAsync(ids[0], _ => manager.TimelineAsync(ids[0]).Result.Any(happened => happened.Kind == "conflict"));
        Assert.Equal(("completed", 1), (view.Status, worker.Calls));
        Assert.Equal("""{"uri":"at://0"}""", view.Result.Text());
        Assert.Single(await manager.TimelineAsync(ids[0]), happened => happened.Kind == "conflict");
    }
}
