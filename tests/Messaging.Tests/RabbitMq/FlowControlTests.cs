using System.Diagnostics;
using Millrace.Contracts;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A broker that raises an alarm blocks whoever publishes; one that stands still says nothing at all.</summary>
public sealed class FlowControlTests(PrivateNode broker) : IClassFixture<PrivateNode>
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_blocked_broker_makes_sends_wait_and_say_why_and_the_flow_returns()
    {
        var node = broker.Node;
        await using var bus = BusFactory.Create(node.Url, new BusOptions { SendTimeoutMs = 1_500 });
        await bus.StartAsync(Token);
        await node.ControlAsync(["set_vm_memory_high_watermark", "0.000001"], cancellationToken: Token);
        // The alarm reaches a connection with its next message.
        while (bus.IsHealthy)
            await bus.SendAsync([Letter()], Token);
        var started = Stopwatch.GetTimestamp();
        var outcomes = await bus.SendAsync([Letter(), Letter()], Token);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 1, 20);
        Assert.All(outcomes, outcome => Assert.Equal(SendOutcomeKind.Unknown, outcome.Kind));
        Assert.Contains("takes no messages", outcomes[0].Reason, StringComparison.Ordinal);
        await node.ControlAsync(["set_vm_memory_high_watermark", "0.9"], cancellationToken: Token);
        while ((await bus.SendAsync([Letter()], Token))[0].Kind != SendOutcomeKind.Confirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        Assert.True(bus.IsHealthy);
    }

    [Fact]
    public async Task A_blocked_broker_that_reads_no_more_bytes_costs_no_more_than_the_time_of_a_send()
    {
        var node = broker.Node;
        await using var bus = BusFactory.Create(
            node.Url, new BusOptions { SendTimeoutMs = 1_500, MaxInFlight = 4_096, MaxInFlightBytes = 1024 * 1024 * 1024 });
        await bus.StartAsync(Token);
        await node.ControlAsync(["set_vm_memory_high_watermark", "0.000001"], cancellationToken: Token);
        try
        {
            // More than the buffers of two sockets and of the client hold.
            var letter = new OutgoingMessage("", Wire.DeadLetterQueue, new byte[1_000_000], MessageProperties.Empty);
            var outcomes = await bus.SendAsync([.. Enumerable.Repeat(letter, 400)], Token).WaitAsync(TimeSpan.FromSeconds(60), Token);
            Assert.Contains(outcomes, outcome => outcome.Kind == SendOutcomeKind.Unknown);
        }
        finally
        {
            await node.ControlAsync(["set_vm_memory_high_watermark", "0.9"], cancellationToken: Token);
        }
        while ((await bus.SendAsync([Letter()], Token))[0].Kind != SendOutcomeKind.Confirmed)
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
    }

    [Fact]
    public async Task A_broker_that_stands_still_costs_no_more_than_the_time_of_a_send()
    {
        var node = broker.Node;
        await using var bus = BusFactory.Create(node.Url, new BusOptions { SendTimeoutMs = 1_000, MaxInFlight = 8 });
        await bus.StartAsync(Token);
        PosixSignals.Pause(node.ProcessId!.Value);
        try
        {
            var outcomes = await bus.SendAsync([.. Enumerable.Range(0, 100).Select(_ => Letter())], Token);
            Assert.All(outcomes, outcome => Assert.Equal(SendOutcomeKind.Unknown, outcome.Kind));
        }
        finally
        {
            PosixSignals.Continue(node.ProcessId!.Value);
        }
        Assert.Equal(SendOutcome.Confirmed, (await bus.SendAsync([Letter()], Token))[0]);
    }

    private static OutgoingMessage Letter() => new("", Wire.DeadLetterQueue, new byte[1_000], MessageProperties.Empty);
}
