namespace Millrace.Messaging.Tests.Conformance;

public sealed class MemoryBusTests : MessageBusConformance
{
    protected override IMessageBus CreateBus(BusOptions options) => BusFactory.Create("memory:", options);
}
