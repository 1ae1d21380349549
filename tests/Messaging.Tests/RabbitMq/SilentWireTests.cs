using Millrace.Contracts;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A network that carries nothing any more while both ends still hold the connection.</summary>
public sealed class SilentWireTests(SharedNode node)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_bus_learns_by_its_heartbeat_that_nobody_answers_and_comes_back()
    {
        await using var wire = new TcpProxy(node.Node.Port);
        await using var bus = BusFactory.Create($"amqp://guest:guest@127.0.0.1:{wire.Port}?heartbeat=1");
        await bus.StartAsync(Token);
        Assert.True(bus.IsHealthy);

        wire.Silence();
        while (bus.IsHealthy)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        wire.Mend();

        var letter = new OutgoingMessage("", Wire.DeadLetterQueue, "{}"u8.ToArray(), MessageProperties.Empty);
        while ((await bus.SendAsync([letter], Token))[0].Kind != SendOutcomeKind.Confirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        while (!bus.IsHealthy)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
    }
}
