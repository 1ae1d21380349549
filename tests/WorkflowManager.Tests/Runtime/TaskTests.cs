using System.Text.Json.Nodes;
using Millrace.WorkflowManager.Engine.Workflows;

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
        await using var manager = await place.ManageAsync(FanOut(1_000));
        await using var work = await PlainWorker.StartAsync(place.Bus, "work", input => new JsonObject { ["item"] = (int)input["item"]! });
        await using var after = await PlainWorker.StartAsync(place.Bus, "after", input => input);
        var started = TimeProvider.System.GetTimestamp();
        await place.Bus.PublishAsync("fan", Post(10_000));
        var view = await manager.FinishAsync(Millrace.Contracts.RequestIds.ForKey("fan", "x"));
        TestContext.Current.TestOutputHelper?.WriteLine($"10,000 items took {TimeProvider.System.GetElapsedTime(started).TotalSeconds:F1} s");
        var items = JsonNode.Parse(view.Result.Text())!["items"]!.AsArray();
        Assert.Equal(Enumerable.Range(0, 10_000), items.Select(item => (int)item!));
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
}
