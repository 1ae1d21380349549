using Millrace.Testing;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>One broker for the tests of a class.</summary>
public sealed class NodeFixture : IAsyncLifetime
{
    public RabbitMqNode Node { get; private set; } = null!;

    public string Url => Node.Url;

    public async ValueTask InitializeAsync() => Node = await RabbitMqNode.StartAsync();

    public ValueTask DisposeAsync() => Node.DisposeAsync();
}
