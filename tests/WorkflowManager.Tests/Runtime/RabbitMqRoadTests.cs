using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>The same road over a real broker, which goes away in the middle.</summary>
public sealed class RabbitMqRoadTests
{
    [Fact]
    public async Task Requests_survive_a_broker_that_is_killed_and_comes_back()
    {
        await using var node = await RabbitMqNode.StartAsync();
        await using var bus = BusFactory.Create(node.Url, new BusOptions { SendTimeoutMs = 2_000 });
        await bus.StartAsync(CancellationToken.None);
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a", "b");
        chain = chain with { Steps = [chain.Steps[0] with { Batch = 16 }, chain.Steps[1]] };
        await using var manager = await TestManager.StartAsync(bus, place.Store, new WorkflowManagerOptions { Workflows = [chain], ResendDelayMs = 100 });
        await using var a = await PlainWorker.StartAsync(bus, "a", input => input);
        var ids = new List<Guid>();
        foreach (var part in Enumerable.Range(0, 10))
            ids.AddRange(await PublishAsync(bus, part));
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[1].Status == "dispatched");

        await node.KillAsync();
        await node.StartServerAsync();
        await using var b = await PlainWorker.StartAsync(bus, "b", input => input);

        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    private static async Task<IReadOnlyList<Guid>> PublishAsync(IMessageBus bus, int part)
    {
        var uris = Enumerable.Range(part * 10, 10).Select(index => $"at://{index}").ToList();
        await bus.PublishAsync("chain", new System.Text.Json.Nodes.JsonArray(
            [.. uris.Select(uri => new System.Text.Json.Nodes.JsonObject { ["uri"] = uri })]));
        return [.. uris.Select(uri => Millrace.Contracts.RequestIds.ForKey("chain", uri))];
    }
}
