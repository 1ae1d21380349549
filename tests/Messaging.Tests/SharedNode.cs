using Millrace.Testing;

[assembly: AssemblyFixture(typeof(Millrace.Messaging.Tests.SharedNode))]

namespace Millrace.Messaging.Tests;

/// <summary>One broker for all tests that do not harm it.</summary>
public sealed class SharedNode : IAsyncLifetime
{
    public RabbitMqNode Node { get; private set; } = null!;

    public string Url => Node.Url;

    public async ValueTask InitializeAsync() => Node = await RabbitMqNode.StartAsync();

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
