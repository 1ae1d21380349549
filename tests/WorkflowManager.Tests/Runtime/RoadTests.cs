using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>One post walks the whole road, in memory.</summary>
public sealed class RoadTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task A_post_goes_through_all_steps_and_its_result_is_published(int batch)
    {
        await using var bus = BusFactory.Create("memory:");
        await bus.StartAsync(CancellationToken.None);
        await using var store = await StoreFactory.OpenAsync("memory:");
        var workflow = TestWorkflows.Chain("chain", "a", "b", "c");
        workflow = workflow with { Steps = [.. workflow.Steps.Select(step => step with { Batch = batch })] };
        await using var manager = await TestManager.StartAsync(bus, store, new WorkflowManagerOptions { Workflows = [workflow] });
        var results = new TaskCompletionSource<(string Key, JsonNode Body)>();
        await using var listener = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "listener", Bindings = [(Wire.ResultsExchange, "chain.*")] },
            (message, _) =>
            {
                results.TrySetResult((message.RoutingKey, JsonNode.Parse(message.Body.Span)!));
                return Task.CompletedTask;
            }, CancellationToken.None);
        await using var a = await PlainWorker.StartAsync(bus, "a", input => new JsonObject { ["text"] = (string)input["text"]! + "a" });
        await using var b = await PlainWorker.StartAsync(bus, "b", input => new JsonObject { ["text"] = (string)input["text"]! + "b" });
        await using var c = await PlainWorker.StartAsync(bus, "c", input => new JsonObject { ["text"] = (string)input["text"]! + "c" });

        await bus.PublishAsync("chain", new JsonObject { ["uri"] = "at://1", ["text"] = "x" });
        var view = await manager.FinishAsync(RequestIds.ForKey("chain", "at://1"));

        Assert.Equal("completed", view.Status);
        Assert.Equal("""{"text":"xabc"}""", view.Result.Text());
        Assert.All(view.Steps, step => Assert.Equal(("completed", 1), (step.Status, step.Attempt)));
        var (key, body) = await results.Task.WaitAsync(manager.Token);
        Assert.Equal("chain.completed", key);
        Assert.Equal("xabc", (string)body["result"]!["text"]!);
        Assert.Equal("at://1", (string)body["key"]!);
        Assert.Equal(
            ["accepted", "dispatched", "completed", "dispatched", "completed", "dispatched", "completed", "completed"],
            (await manager.TimelineAsync(view.Id)).Select(happened => happened.Kind));
    }

    [Fact]
    public async Task Many_posts_all_arrive_and_the_outbox_is_empty_at_the_end()
    {
        await using var bus = BusFactory.Create("memory:");
        await bus.StartAsync(CancellationToken.None);
        await using var store = await StoreFactory.OpenAsync("memory:");
        var workflow = TestWorkflows.Chain("chain", "a", "b");
        await using var manager = await TestManager.StartAsync(bus, store, new WorkflowManagerOptions { Name = "m", Workflows = [workflow] });
        await using var a = await PlainWorker.StartAsync(bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(bus, "b", input => input);

        var posts = new JsonArray([.. Enumerable.Range(0, 500).Select(index => new JsonObject { ["uri"] = $"at://{index}" })]);
        await bus.PublishAsync("chain", posts);

        foreach (var index in Enumerable.Range(0, 500))
            Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("chain", $"at://{index}"))).Status);
        await manager.StopAsync();
        Assert.Equal(500, a.Calls);
    }
}
