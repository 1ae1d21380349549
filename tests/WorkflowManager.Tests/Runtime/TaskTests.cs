using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage.Requests;
using Millrace.Testing;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Fanout;

namespace Millrace.WorkflowManager.Tests.Runtime;

public sealed class TaskTests
{
    private static WorkflowDefinition FanOut(int maxParallel, int batch = 64) => new()
    {
        Name = "fan",
        Hash = TestWorkflows.Hash($"fan {maxParallel}"),
        Key = "uri",
        Steps = [new StepDefinition { Name = "all", Task = "each" }, new StepDefinition { Name = "after", Depends = ["all"] }],
        Tasks =
        [
            new TaskDefinition
            {
                Name = "each", ItemListKey = "items", MaxParallel = maxParallel, Steps = [new StepDefinition { Name = "work", Batch = batch }],
            },
        ],
    };

    private static JsonObject Post(int items) =>
        new() { ["uri"] = "x", ["items"] = new JsonArray([.. Enumerable.Range(0, items).Select(item => JsonValue.Create(item))]) };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public async Task Items_keep_their_places_and_failed_ones_carry_their_error(int maxParallel)
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(maxParallel));
        await using var work = await PlainWorker.StartAsync(
            place.Bus, "work", item => (int)item.Input["item"]! == 3 ? item.Fail("ODD", "three is odd") : item.Done(new JsonObject { ["item"] = (int)item.Input["item"]! * 10 }));
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        await place.Bus.PublishAsync("fan", Post(20));
        var view = await manager.FinishAsync(Millrace.Contracts.RequestIds.ForKey("fan", "x"));
        Assert.Equal("completed", view.Status);
        var items = JsonNode.Parse(view.Result.Text())!["items"]!.AsArray();
        Assert.Equal(20, items.Count);
        Assert.Equal("ODD", (string)items[3]!["error"]!["type"]!);
        Assert.Equal(190, (int)items[19]!);
        Assert.Equal((20, 20), (view.Steps[0].Children!.Total, view.Steps[0].Children!.Finished));
    }

    [Fact]
    public async Task An_empty_list_completes_at_once()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(10));
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        await place.Bus.PublishAsync("fan", Post(0));
        Assert.Equal("completed", (await manager.FinishAsync(Millrace.Contracts.RequestIds.ForKey("fan", "x"))).Status);
    }

    [Fact]
    public async Task Ten_thousand_items_are_gathered()
    {
        await using var place = await Workplace.OpenAsync();
        await GatherAsync(place);
    }

    [Fact]
    public async Task Ten_thousand_items_are_gathered_over_a_broker()
    {
        await using var node = await RabbitMqNode.StartAsync();
        var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(CancellationToken.None);
        await using var place = await Workplace.OpenAsync(bus);
        await GatherAsync(place);
    }

    private static async Task GatherAsync(Workplace place)
    {
        await using var manager = await place.ManageAsync(FanOut(1_000));
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => new JsonObject { ["item"] = (int)input["item"]! });
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        var started = TimeProvider.System.GetTimestamp();
        await place.Bus.PublishAsync("fan", Post(10_000));
        var view = await manager.FinishAsync(RequestIds.ForKey("fan", "x"));
        TestContext.Current.TestOutputHelper?.WriteLine($"10,000 items took {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");
        var items = JsonNode.Parse(view.Result.Text())!["items"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 10_000), items.Select(item => (int)item!));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Items_that_completed_are_kept_when_the_others_are_run_again(int maxParallel)
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(maxParallel));
        var isDown = true;
        var worked = new System.Collections.Concurrent.ConcurrentQueue<int>();
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", item =>
        {
            worked.Enqueue((int)item.Input["item"]!);
            return isDown && (int)item.Input["item"]! % 4 == 3
                ? item.Fail("DOWN", "not now") : item.Done(new JsonObject { ["item"] = ((int)item.Input["item"]! * 10) + (isDown ? 0 : 1) });
        });
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        await place.Bus.PublishAsync("fan", Post(10));
        var id = RequestIds.ForKey("fan", "x");
        Assert.Equal(2, (await manager.FinishAsync(id)).Steps[0].Children!.Failed);
        isDown = false;
        worked.Clear();

        await manager.DoAsync(Works.Redrive(id, "all", "ann", keepsItems: true));
        var view = await manager.FinishAsync(id);

        Assert.Equal([3, 7], worked.Order());
        Assert.Equal([0, 10, 20, 31, 40, 50, 60, 71, 80, 90], JsonNode.Parse(view.Result.Text())!["items"]!.AsArray().Select(item => (int)item!));
        Assert.Equal((10, 10, 0), (view.Steps[0].Children!.Total, view.Steps[0].Children!.Finished, view.Steps[0].Children!.Failed));
    }

    [Fact]
    public async Task Why_names_what_holds_an_item()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(5));
        await place.Bus.PublishAsync("fan", Post(5));
        var id = RequestIds.ForKey("fan", "x");
        await manager.UntilAsync(RequestIds.ForChild(id, "all", 0), view => view.Steps[0].Status == "dispatched");

        var why = (await manager.FindAsync(id))!.Why!;
        Assert.Equal(("no_consumer", "all.work"), (why.Code, why.Step));
        Assert.EndsWith("Item 0: Queue 'work' of step 'work' has no consumer: no worker is running.", why.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_the_parent_cancels_its_items()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(5));
        await place.Bus.PublishAsync("fan", Post(5));
        var id = Millrace.Contracts.RequestIds.ForKey("fan", "x");
        await manager.UntilAsync(id, view => view.Steps[0].Children?.Started == 5);
        var child = Millrace.Contracts.RequestIds.ForChild(id, "all", 4);
        await manager.UntilAsync(child, view => view.Steps[0].Status == "dispatched");
        await manager.Get<WorkflowManager.Runtime.Commits.WorkInbox>().RunAsync([WorkflowManager.Runtime.Commits.Works.Cancel(id, "me")], manager.Token);
        Assert.Equal("cancelled", (await manager.FinishAsync(child)).Status);
    }

    [Fact]
    public async Task Children_that_are_started_after_their_parent_has_ended_are_cancelled()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(5));
        await place.Bus.PublishAsync("fan", Post(10));
        var id = RequestIds.ForKey("fan", "x");
        await manager.UntilAsync(id, view => view.Steps[0].Children?.Started == 5);
        var before = await ReadAsync(manager, place, id);
        await manager.DoAsync(Works.Cancel(id, "me"));

        await manager.Get<ChildStarter>().StartAsync([new OpenEffect(before, new Effect.StartChildren(0, 1, 5, 3), OutboxTicket.None)], manager.Token);
        // As recovered: the parent is read when the effect is taken up again, and its children may have been started before.
        await manager.DoAsync(Works.Accept(new RequestBirth(
            before.Definition, RequestIds.ForChild(id, "all", 8), null, "{}"u8.ToArray(), null, null, 0, new ParentPlace(id, 0, 1, 8), "all")));
        var after = await ReadAsync(manager, place, id);
        await manager.Get<ChildStarter>().StartAsync([new OpenEffect(after, new Effect.StartChildren(0, 1, 8, 2), OutboxTicket.None)], manager.Token);

        for (var index = 5; index < 9; index++)
            Assert.Equal("cancelled", (await manager.FindAsync(RequestIds.ForChild(id, "all", index)))!.Status);
        Assert.Null(await manager.FindAsync(RequestIds.ForChild(id, "all", 9)));
    }

    [Fact]
    public async Task A_parent_whose_children_cant_be_made_stops_no_other()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(FanOut(5));
        await place.Bus.PublishAsync("fan", Post(10));
        var id = RequestIds.ForKey("fan", "x");
        await manager.UntilAsync(id, view => view.Steps[0].Children?.Started == 5);
        var good = await ReadAsync(manager, place, id);
        var bad = good with { Record = good.Record with { Id = Guid.NewGuid() }, State = good.State with { Input = "[]"u8.ToArray() } };

        await Assert.ThrowsAsync<AggregateException>(() => manager.Get<ChildStarter>().StartAsync(
            [.. new[] { bad, good }.Select(parent => new OpenEffect(parent, new Effect.StartChildren(0, 1, 5, 1), OutboxTicket.None))], manager.Token));

        Assert.NotNull(await manager.FindAsync(RequestIds.ForChild(id, "all", 5)));
    }

    [Fact]
    public async Task Items_that_share_much_are_started_and_gathered_in_pieces()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { Workflows = [FanOut(50)], GroupMaxBytes = 64 * 1024, GatherMaxBytes = 256 * 1024 });
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => input);
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        var post = Post(50);
        post["text"] = new string('x', 30_000);
        await place.Bus.PublishAsync("fan", post);

        var view = await manager.FinishAsync(RequestIds.ForKey("fan", "x"));

        Assert.Equal("completed", view.Status);
        Assert.Equal(Enumerable.Range(0, 50), JsonNode.Parse(view.Result.Text())!["items"]!.AsArray().Select(item => (int)item!));
        var windows = manager.Get<ChildWindows>();
        Assert.Equal(2, windows.Take(await ReadAsync(manager, place, view.Id), 0, 1, 0, 50).Count);
    }

    private static async Task<RunningRequest> ReadAsync(TestManager manager, Workplace place, Guid id) => await RunningRequest.ReadAsync(
        (await place.Store.Requests.LoadAsync([id], manager.Token))[0]!, manager.Get<WorkflowCatalog>(), manager.Token);
}
