using Millrace.Messaging;
using RabbitMQ.Client;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>A queue at its limit that refuses what comes stops its own workflow alone.</summary>
public sealed class FullQueueTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    /// <summary>More than the dispatcher carries out at once.</summary>
    private const int Groups = 40;

    [Fact]
    public async Task Posts_of_another_workflow_go_on_and_those_that_were_refused_go_once_there_is_room()
    {
        var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(TestContext.Current.CancellationToken);
        await DeclareFullAsync("narrow");
        await using var place = await Workplace.OpenAsync(bus);
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions
        {
            Workflows = [TestWorkflows.Chain("stopped", "narrow"), TestWorkflows.Chain("flowing", "wide")],
            ResendDelayMs = 50,
        });
        var refused = new List<Guid>();
        for (var group = 0; group < Groups; group++)
        {
            refused.AddRange(await place.PublishAsync("stopped", 1, from: group));
            await manager.UntilAsync(refused[group], view => view.Steps[0].Status == "dispatched");
        }

        await using var wide = await PlainWorker.StartAsync(bus, "wide", input => input);
        foreach (var id in await place.PublishAsync("flowing", 20))
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        await manager.UntilAsync(refused[^1], view => view.Why?.Code == "queue_full");

        await using var narrow = await PlainWorker.StartAsync(bus, "narrow", input => input);
        foreach (var id in refused)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    private async Task DeclareFullAsync(string queue)
    {
        var token = TestContext.Current.CancellationToken;
        await using var connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(token);
        var channel = await connection.CreateChannelAsync(cancellationToken: token);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" }, cancellationToken: token);
    }
}
