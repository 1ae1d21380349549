namespace Millrace.Messaging.Tests.Conformance;

public sealed class QuorumQueueTests(SharedNode node) : MessageBusConformance
{
    protected override IMessageBus CreateBus(BusOptions options) => BusFactory.Create(node.Url + "?queue-type=quorum", options);
}
