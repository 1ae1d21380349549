using System.Collections.Concurrent;
using System.Text;
using Millrace.Contracts;

namespace Millrace.Messaging.Tests.Conformance;

/// <summary>What every transport keeps. A transport's suite is this class and a way to make a bus.</summary>
public abstract class MessageBusConformance : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<IMessageBus> _buses = [];
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(40));

    protected CancellationToken Token => _limit.Token;

    protected IMessageBus Bus { get; private set; } = null!;

    /// <summary>A name that no other test uses, since a broker outlives a test.</summary>
    protected string Queue { get; } = $"q-{Guid.NewGuid():N}";

    public async ValueTask InitializeAsync() => Bus = await StartBusAsync(new BusOptions());

    public async ValueTask DisposeAsync()
    {
        foreach (var bus in _buses)
            await bus.DisposeAsync();
        _limit.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract IMessageBus CreateBus(BusOptions options);

    [Fact]
    public async Task A_message_arrives_whole()
    {
        var got = await ConsumeAsync();
        var properties = new MessageProperties
        {
            ContentType = Wire.JsonContentType,
            CorrelationId = "anything at all: ü",
            ReplyTo = "answers",
            MessageId = "m-1",
            AppId = "tests",
            Priority = 7,
            Headers = new Dictionary<string, string> { ["attempt"] = "3", ["Trace"] = "é" },
        };
        await SendAsync("""{"text":"grüß"}""", properties);
        var message = await got.NextAsync();
        Assert.Equal("""{"text":"grüß"}""", Text(message));
        Assert.Equal((Queue, "", Queue, 0), (message.Queue, message.Exchange, message.RoutingKey, message.DeliveryCount));
        Assert.Equal(properties with { Headers = message.Properties.Headers }, message.Properties);
        Assert.Equal("3", message.Properties.Headers["ATTEMPT"]);
        Assert.Equal("é", message.Properties.Headers["trace"]);
    }

    [Fact]
    public async Task A_message_without_properties_and_body_arrives_too()
    {
        var got = await ConsumeAsync();
        await SendAsync("");
        var message = await got.NextAsync();
        Assert.Equal(0, message.Body.Length);
        Assert.Null(message.Properties.ContentType);
        Assert.Null(message.Properties.CorrelationId);
        Assert.Empty(message.Properties.Headers);
    }

    [Fact]
    public async Task What_is_sent_before_the_first_consumer_waits_for_it()
    {
        await Bus.DeclareQueueAsync(Queue, Token);
        await SendAsync("early");
        Assert.Equal(new QueueDepth(Queue, 1, 0), await Bus.InspectAsync(Queue, Token));
        Assert.Equal("early", Text(await (await ConsumeAsync()).NextAsync()));
        await EventuallyAsync(async () => await Bus.InspectAsync(Queue, Token) == new QueueDepth(Queue, 0, 1));
    }

    [Fact]
    public async Task An_unknown_queue_has_no_depth() => Assert.Null(await Bus.InspectAsync(Queue, Token));

    [Fact]
    public async Task A_message_for_no_queue_is_unroutable_and_its_neighbours_are_not()
    {
        await Bus.DeclareQueueAsync(Queue, Token);
        var outcomes = await Bus.SendAsync([Message("a"), Message("b") with { RoutingKey = "nobody" }, Message("c")], Token);
        Assert.Equal([SendOutcomeKind.Confirmed, SendOutcomeKind.Unroutable, SendOutcomeKind.Confirmed], outcomes.Select(outcome => outcome.Kind));
        Assert.Contains("nobody", outcomes[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_to_an_exchange_that_nobody_binds_is_unroutable_only_if_mandatory()
    {
        var exchange = $"x-{Guid.NewGuid():N}";
        var message = new OutgoingMessage(exchange, "a.b", "{}"u8.ToArray(), MessageProperties.Empty);
        var outcomes = await Bus.SendAsync([message, message with { Mandatory = false }], Token);
        Assert.Equal([SendOutcomeKind.Unroutable, SendOutcomeKind.Confirmed], outcomes.Select(outcome => outcome.Kind));
    }

    [Theory]
    [InlineData("#", "a.b.c", true)]
    [InlineData("a.*", "a.b", true)]
    [InlineData("a.*", "a.b.c", false)]
    [InlineData("a.*", "a", false)]
    [InlineData("a.#", "a", true)]
    [InlineData("a.#.z", "a.b.c.z", true)]
    [InlineData("*.completed", "enrich-post.completed", true)]
    [InlineData("*.completed", "enrich-post.failed", false)]
    public async Task A_pattern_decides_who_gets_it(string pattern, string key, bool arrives)
    {
        var exchange = $"x-{Guid.NewGuid():N}";
        await ConsumeAsync(new ConsumerOptions { Queue = Queue, Bindings = [(exchange, pattern)] });
        var outcome = (await Bus.SendAsync([new OutgoingMessage(exchange, key, "{}"u8.ToArray(), MessageProperties.Empty)], Token))[0];
        Assert.Equal(arrives ? SendOutcomeKind.Confirmed : SendOutcomeKind.Unroutable, outcome.Kind);
    }

    [Fact]
    public async Task A_message_that_matches_two_bindings_of_a_queue_comes_once_and_to_each_queue()
    {
        var exchange = $"x-{Guid.NewGuid():N}";
        var first = await ConsumeAsync(new ConsumerOptions { Queue = Queue, Bindings = [(exchange, "a.#"), (exchange, "*.b")] });
        var second = await ConsumeAsync(new ConsumerOptions { Queue = Queue + "-2", Bindings = [(exchange, "#")] });
        await Bus.SendAsync([new OutgoingMessage(exchange, "a.b", "x"u8.ToArray(), MessageProperties.Empty)], Token);
        await SendAsync("end");
        Assert.Equal((exchange, "a.b"), Route(await first.NextAsync()));
        Assert.Equal("end", Text(await first.NextAsync()));
        Assert.Equal((exchange, "a.b"), Route(await second.NextAsync()));
    }

    [Fact]
    public async Task Messages_of_a_queue_come_in_the_order_in_which_they_were_sent()
    {
        var got = await ConsumeAsync();
        await Bus.SendAsync([.. Enumerable.Range(0, 500).Select(number => Message($"{number}"))], Token);
        for (var number = 0; number < 500; number++)
            Assert.Equal($"{number}", Text(await got.NextAsync()));
    }

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
        var small = await StartBusAsync(new BusOptions { MaxBodyBytes = 1024 });
        await small.DeclareQueueAsync(Queue, Token);
        var outcome = (await small.SendAsync([Message(new string('x', 2000))], Token))[0];
        Assert.Equal(SendOutcomeKind.Unroutable, outcome.Kind);
        Assert.Contains("2000 bytes", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_than_prefetch_are_in_progress()
    {
        var (now, most) = (0, 0);
        using var gate = new SemaphoreSlim(0);
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Prefetch = 4 }, async (_, cancellation) =>
        {
            var here = Interlocked.Increment(ref now);
            InterlockedMax(ref most, here);
            await gate.WaitAsync(cancellation);
            Interlocked.Decrement(ref now);
        }, Token);
        await Bus.SendAsync([.. Enumerable.Range(0, 20).Select(number => Message($"{number}"))], Token);
        await EventuallyAsync(() => Task.FromResult(Volatile.Read(ref now) == 4));
        gate.Release(20);
        await EventuallyAsync(async () => Volatile.Read(ref now) == 0 && (await Bus.InspectAsync(Queue, Token))!.Messages == 0);
        Assert.Equal(4, most);
    }

    [Fact]
    public async Task Consumers_of_one_queue_share_its_messages()
    {
        var (first, second) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        async Task Take(ConcurrentBag<string> bag, IncomingMessage message, CancellationToken cancellation)
        {
            bag.Add(Text(message));
            await Task.Delay(TimeSpan.FromMilliseconds(2), cancellation);
        }
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Prefetch = 5 }, (message, cancellation) => Take(first, message, cancellation), Token);
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Prefetch = 5 }, (message, cancellation) => Take(second, message, cancellation), Token);
        await Bus.SendAsync([.. Enumerable.Range(0, 200).Select(number => Message($"{number}"))], Token);
        await EventuallyAsync(() => Task.FromResult(first.Count + second.Count == 200));
        Assert.NotEmpty(first);
        Assert.NotEmpty(second);
        Assert.Equal(200, first.Concat(second).Distinct().Count());
    }

    [Fact]
    public async Task Disposing_a_consumer_ends_what_is_in_progress_and_leaves_the_rest()
    {
        var (started, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var handled = new ConcurrentBag<string>();
        var consumer = await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Prefetch = 1 }, async (message, _) =>
        {
            started.TrySetResult();
            await release.Task;
            handled.Add(Text(message));
        }, Token);
        await Bus.SendAsync([Message("first"), Message("second"), Message("third")], Token);
        await started.Task.WaitAsync(Patience);
        var leaving = consumer.DisposeAsync().AsTask();
        Assert.False(leaving.IsCompleted);
        release.SetResult();
        await leaving.WaitAsync(Patience);
        Assert.Equal(["first"], handled);
        await EventuallyAsync(async () => await Bus.InspectAsync(Queue, Token) == new QueueDepth(Queue, 2, 0));
        var rest = await ConsumeAsync();
        Assert.Equal(["second", "third"], [Text(await rest.NextAsync()), Text(await rest.NextAsync())]);
    }

    [Fact]
    public async Task A_message_in_its_pause_goes_back_when_the_consumer_leaves()
    {
        var failed = new TaskCompletionSource();
        var options = new ConsumerOptions { Queue = Queue, RedeliveryDelayMs = 60_000, MaxRedeliveryDelayMs = 60_000 };
        var consumer = await Bus.ConsumeAsync(options, (_, _) =>
        {
            failed.TrySetResult();
            throw new InvalidOperationException("later");
        }, Token);
        await SendAsync("held");
        await failed.Task.WaitAsync(Patience);
        await consumer.DisposeAsync().AsTask().WaitAsync(Patience);
        var message = await (await ConsumeAsync()).NextAsync();
        Assert.Equal("held", Text(message));
        Assert.True(message.DeliveryCount > 0);
    }

    [Fact]
    public async Task A_handler_that_does_not_end_in_time_is_cancelled_and_its_message_goes_back()
    {
        var started = new TaskCompletionSource();
        var consumer = await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, DrainLimitSeconds = 0.1 }, async (_, cancellation) =>
        {
            started.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellation);
        }, Token);
        await SendAsync("slow");
        await started.Task.WaitAsync(Patience);
        await consumer.DisposeAsync().AsTask().WaitAsync(Patience);
        await EventuallyAsync(async () => await Bus.InspectAsync(Queue, Token) == new QueueDepth(Queue, 1, 0));
    }

    [Fact]
    public async Task A_queue_that_is_not_durable_goes_with_its_consumer()
    {
        var consumer = await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Durable = false }, (_, _) => Task.CompletedTask, Token);
        Assert.NotNull(await Bus.InspectAsync(Queue, Token));
        await consumer.DisposeAsync();
        await EventuallyAsync(async () => await Bus.InspectAsync(Queue, Token) is null);
    }

    [Fact]
    public async Task Many_senders_and_a_consumer_lose_nothing()
    {
        var got = new ConcurrentDictionary<string, int>();
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue }, async (message, _) =>
        {
            await Task.Yield();
            got.AddOrUpdate(Text(message), 1, (_, times) => times + 1);
        }, Token);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async sender =>
        {
            for (var call = 0; call < 10; call++)
                await Bus.SendAsync([.. Enumerable.Range(0, 50).Select(number => Message($"{sender}-{call}-{number}"))], Token);
        }));
        await EventuallyAsync(() => Task.FromResult(got.Count == 4000));
        Assert.All(got.Values, times => Assert.Equal(1, times));
    }

    protected async Task<IMessageBus> StartBusAsync(BusOptions options)
    {
        var bus = CreateBus(options);
        _buses.Add(bus);
        await bus.StartAsync(Token);
        Assert.True(bus.IsHealthy);
        return bus;
    }

    protected Task<Inbox> ConsumeAsync() => ConsumeAsync(new ConsumerOptions { Queue = Queue });

    protected Task<Inbox> ConsumeAsync(ConsumerOptions options) => Inbox.OpenAsync(Bus, options, Token);

    protected OutgoingMessage Message(string body, MessageProperties? properties = null) =>
        new("", Queue, Encoding.UTF8.GetBytes(body), properties ?? MessageProperties.Empty);

    protected async Task SendAsync(string body, MessageProperties? properties = null) =>
        Assert.Equal(SendOutcome.Confirmed, (await Bus.SendAsync([Message(body, properties)], Token))[0]);

    protected static string Text(IncomingMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    protected async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), Token);
    }

    private static (string Exchange, string Key) Route(IncomingMessage message) => (message.Exchange, message.RoutingKey);

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

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
