using System.Text;
using Millrace.Contracts;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Messages that the broker carries and we would not send. In memory there are none: what a bus does not send never comes.</summary>
public sealed class LargeMessageTests(SharedNode node) : IAsyncLifetime
{
    private const int Limit = 16 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _queue = $"large-{Guid.NewGuid():N}";
    private readonly IMessageBus _bus = BusFactory.Create(node.Url, new BusOptions { MaxBodyBytes = Limit });
    private readonly IMessageBus _sender = BusFactory.Create(node.Url);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _bus.StartAsync(Token);
        await _sender.StartAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _bus.DisposeAsync();
        await _sender.DisposeAsync();
    }

    [Fact]
    public async Task Is_dead_lettered_whole_holds_up_nobody_and_can_be_read_under_the_same_limit()
    {
        var after = new TaskCompletionSource<string>();
        await _bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, Prefetch = 1 }, (message, _) =>
        {
            after.TrySetResult(Encoding.UTF8.GetString(message.Body.Span));
            return Task.CompletedTask;
        }, Token);
        var body = Encoding.UTF8.GetBytes(new string('x', 3 * Limit));

        await SendAsync(body);
        await SendAsync("after"u8.ToArray());

        Assert.Equal("after", await after.Task.WaitAsync(Patience, Token));
        var letter = await LetterAsync();
        Assert.Equal(body, letter.Body.ToArray());
        Assert.Equal($"body of {body.Length} bytes is over the limit of {Limit}", letter.Properties.Headers[Wire.ReasonHeader]);
        Assert.Equal(_queue, letter.Properties.Headers["first-queue"]);
    }

    private async Task SendAsync(byte[] body)
    {
        var message = new OutgoingMessage("", _queue, body, new MessageProperties { CorrelationId = _queue });
        Assert.Equal(SendOutcome.Confirmed, (await _sender.SendAsync([message], Token))[0]);
    }

    private async Task<IncomingMessage> LetterAsync()
    {
        var found = new TaskCompletionSource<IncomingMessage>();
        await using var consumer = await _bus.ConsumeAsync(new ConsumerOptions { Queue = Wire.DeadLetterQueue }, (message, _) =>
        {
            if (message.Properties.CorrelationId == _queue)
                found.TrySetResult(message);
            return Task.CompletedTask;
        }, Token);
        return await found.Task.WaitAsync(Patience, Token);
    }
}
