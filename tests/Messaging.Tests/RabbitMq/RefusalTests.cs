using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>What the broker does not do for us is told, once.</summary>
public sealed class RefusalTests(PrivateNode broker) : IClassFixture<PrivateNode>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_queue_that_exists_with_another_type_is_told_once_with_both_types()
    {
        var queue = $"other-{Guid.NewGuid():N}";
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Node.Url) }.CreateConnectionAsync(Token);
        var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
        using var warnings = new Warnings();
        await using var bus = BusFactory.Create(broker.Node.Url + "?queue-type=quorum", loggers: warnings.Factory);
        await bus.StartAsync(Token);

        await bus.DeclareQueueAsync(queue, Token);
        await bus.DeclareQueueAsync(queue, Token);

        var told = Assert.Single(warnings.Of($"'{queue}'"));
        Assert.All(["x-queue-type", "quorum", "classic"], part => Assert.Contains(part, told, StringComparison.Ordinal));
    }
}
