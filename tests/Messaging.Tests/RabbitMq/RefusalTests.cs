using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>What the broker does not do for us is told, once.</summary>
public sealed class RefusalTests(PrivateNode broker) : IClassFixture<PrivateNode>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

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

    [Fact]
    public async Task A_publisher_on_a_broker_that_no_manager_has_seen_is_told_to_start_one()
    {
        await PermitAsync("publisher", "fresh", configure: "^$", write: "^ingest$", read: "^$");
        await using var bus = BusFactory.Create($"amqp://publisher:secret@127.0.0.1:{broker.Node.Port}/fresh");

        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => bus.StartAsync(Token));

        Assert.Contains("start a manager first", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_broker_that_was_away_and_then_refuses_us_is_told_as_both()
    {
        await PermitAsync("leaver", "place", configure: ".*", write: ".*", read: ".*");
        await using var wire = new TcpProxy(broker.Node.Port);
        using var warnings = new Warnings();
        await using var bus = BusFactory.Create($"amqp://leaver:secret@127.0.0.1:{wire.Port}/place", loggers: warnings.Factory);
        await bus.StartAsync(Token);
        wire.Cut();
        await warnings.NextAsync("No connection for sending", Token).WaitAsync(Limit, Token);

        await broker.Node.ControlAsync(["delete_user", "leaver"], cancellationToken: Token);
        wire.Mend();

        await warnings.NextAsync("ACCESS_REFUSED", Token).WaitAsync(Limit, Token);
    }

    private async Task PermitAsync(string user, string vhost, string configure, string write, string read)
    {
        await broker.Node.ControlAsync(["add_vhost", vhost], cancellationToken: Token);
        await broker.Node.ControlAsync(["add_user", user, "secret"], cancellationToken: Token);
        await broker.Node.ControlAsync(["set_permissions", "-p", vhost, user, configure, write, read], cancellationToken: Token);
    }
}
