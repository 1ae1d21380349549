namespace Millrace.Messaging.Tests.Conformance;

public sealed class RabbitMqBusTests(SharedNode node) : MessageBusConformance
{
    protected override IMessageBus CreateBus(BusOptions options) => BusFactory.Create(node.Url, options);
}
