using System.Collections.Concurrent;
using Millrace.Contracts;

namespace Millrace.Messaging.Tests.Conformance;

/// <summary>What becomes of a message that fails.</summary>
public abstract partial class MessageBusConformance
{
    [Fact]
    public async Task A_handler_that_throws_gets_the_message_again_after_a_pause()
    {
        var deliveries = new ConcurrentQueue<(int Count, long At)>();
        var done = new TaskCompletionSource();
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, RedeliveryDelayMs = 50 }, (message, _) =>
        {
            deliveries.Enqueue((message.DeliveryCount, TimeProvider.System.GetTimestamp()));
            if (message.DeliveryCount < 2)
                throw new InvalidOperationException("not yet");
            done.SetResult();
            return Task.CompletedTask;
        }, Token);
        await SendAsync("again");
        await done.Task.WaitAsync(Patience);
        Assert.Equal([0, 1, 2], deliveries.Select(delivery => delivery.Count));
        var spent = TimeProvider.System.GetElapsedTime(deliveries.First().At, deliveries.Last().At);
        Assert.InRange(spent.TotalMilliseconds, 120, 10_000);
        await EventuallyAsync(async () => (await Bus.InspectAsync(Queue, Token))!.Messages == 0);
    }

    [Fact]
    public async Task A_message_that_always_fails_is_dead_lettered_whole_with_the_reason_and_stops_nobody()
    {
        var others = new ConcurrentQueue<string>();
        var options = new ConsumerOptions { Queue = Queue, DeliveryLimit = 3, RedeliveryDelayMs = 1 };
        await Bus.ConsumeAsync(options, (message, _) =>
        {
            if (Text(message) == "poison")
                throw new FormatException("no sense in it");
            others.Enqueue(Text(message));
            return Task.CompletedTask;
        }, Token);
        await SendAsync("before");
        await SendAsync("poison", new MessageProperties { CorrelationId = Queue, Headers = new Dictionary<string, string> { ["attempt"] = "1" } });
        await SendAsync("after");
        var letter = await DeadLetterAsync();
        Assert.Equal("poison", Text(letter));
        Assert.Equal("1", letter.Properties.Headers["attempt"]);
        Assert.Contains("failed 3 times", letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
        Assert.Contains("no sense in it", letter.Properties.Headers[Wire.ReasonHeader], StringComparison.Ordinal);
        await EventuallyAsync(() => Task.FromResult(others.Count == 2));
    }

    [Fact]
    public async Task A_handler_may_dead_letter_at_once()
    {
        var calls = 0;
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue }, (_, _) =>
        {
            Interlocked.Increment(ref calls);
            throw new DeadLetterException("not JSON");
        }, Token);
        await SendAsync("{", new MessageProperties { CorrelationId = Queue });
        Assert.Equal("not JSON", (await DeadLetterAsync()).Properties.Headers[Wire.ReasonHeader]);
        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task A_message_over_the_limit_is_refused_with_the_reason()
    {
        await Bus.DeclareQueueAsync(Queue, Token);
        var small = await StartBusAsync(new BusOptions { MaxBodyBytes = 16 * 1024 });
        await small.DeclareQueueAsync(Queue, Token);
        var outcome = (await small.SendAsync([Message(new string('x', 20_000))], Token))[0];
        Assert.Equal(SendOutcomeKind.Unroutable, outcome.Kind);
        Assert.Contains("20000 bytes", outcome.Reason, StringComparison.Ordinal);
    }

    /// <summary>The dead letter that this test caused; the queue is everybody's.</summary>
    private async Task<IncomingMessage> DeadLetterAsync()
    {
        var found = new TaskCompletionSource<IncomingMessage>();
        await using var consumer = await Bus.ConsumeAsync(new ConsumerOptions { Queue = Wire.DeadLetterQueue }, (message, _) =>
        {
            if (message.Properties.CorrelationId == Queue)
                found.TrySetResult(message with { Body = message.Body.ToArray() });
            return Task.CompletedTask;
        }, Token);
        return await found.Task.WaitAsync(Patience);
    }
}
