using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;
using RabbitMQ.Client;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Deliveries that are nobody's fault cost no post, and one that ends its process again and again ends in the end.</summary>
public sealed class DeliveryLimitTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    [Fact]
    public async Task A_post_that_restarts_have_brought_often_is_taken_and_one_that_comes_without_end_is_a_dead_letter()
    {
        var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(TestContext.Current.CancellationToken);
        await using var place = await Workplace.OpenAsync(bus);
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        await using var worker = await PlainWorker.StartAsync(bus, "a", input => input);

        await PublishAsync("often", deliveries: 999);
        await PublishAsync("without end", deliveries: 1_000);

        Assert.Equal("completed", (await manager.FinishAsync(RequestIds.ForKey("chain", "often"))).Status);
        Assert.StartsWith("delivered 1000 times", await place.NextDeadLetterAsync(manager.Token));
        Assert.Null(await manager.FindAsync(RequestIds.ForKey("chain", "without end")));
    }

    /// <summary>As a quorum queue counts them.</summary>
    private async Task PublishAsync(string uri, long deliveries)
    {
        var token = TestContext.Current.CancellationToken;
        await using var connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(token);
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), token);
        var counted = new BasicProperties { Headers = new Dictionary<string, object?> { ["x-delivery-count"] = deliveries } };
        await channel.BasicPublishAsync(
            Wire.IngestExchange, "chain", mandatory: true, counted, Encoding.UTF8.GetBytes($$"""{"uri":"{{uri}}"}"""), token);
    }
}
