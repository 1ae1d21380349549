using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A bus of ours beside a bare client, on one queue.</summary>
public abstract class RawClientTest(SharedNode node) : IAsyncLifetime
{
    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected SharedNode Node => node;

    private protected string Queue { get; } = $"raw-{Guid.NewGuid():N}";

    private protected IMessageBus Bus { get; private set; } = null!;

    private protected IConnection Connection { get; private set; } = null!;

    private protected IChannel Channel { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Bus = BusFactory.Create(node.Url);
        await Bus.StartAsync(Token);
        await Bus.DeclareQueueAsync(Queue, Token);
        Connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(Token);
        Channel = await Connection.CreateChannelAsync(cancellationToken: Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Bus.DisposeAsync();
        await Connection.CloseAsync();
        GC.SuppressFinalize(this);
    }
}
