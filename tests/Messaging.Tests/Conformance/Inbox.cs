using System.Threading.Channels;

namespace Millrace.Messaging.Tests.Conformance;

/// <summary>A consumer that keeps what it gets for the test to read.</summary>
public sealed class Inbox
{
    private readonly Channel<IncomingMessage> _messages = Channel.CreateBounded<IncomingMessage>(100_000);

    public static async Task<Inbox> OpenAsync(IMessageBus bus, ConsumerOptions options, CancellationToken cancellationToken)
    {
        var inbox = new Inbox();
        await bus.ConsumeAsync(
            options,
            (message, cancellation) => inbox._messages.Writer.WriteAsync(message with { Body = message.Body.ToArray() }, cancellation).AsTask(),
            cancellationToken);
        return inbox;
    }

    public async Task<IncomingMessage> NextAsync() => await _messages.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
}
