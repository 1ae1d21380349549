using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A broker for the tests of one class, which may harm it as long as they mend it.</summary>
public sealed class PrivateNode : IAsyncLifetime
{
    public RabbitMqNode Node { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Node = await RabbitMqNode.StartAsync();

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
