using System.Collections.Concurrent;

namespace Millrace.Messaging.Tests.Conformance;

/// <summary>How many are in progress, who gets what, and how a consumer leaves.</summary>
public abstract partial class MessageBusConformance
{
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
    public async Task A_consumer_with_priority_is_given_all_that_it_has_room_for_and_others_the_rest()
    {
        var (first, second) = (new ConcurrentBag<string>(), new ConcurrentBag<string>());
        using var gate = new SemaphoreSlim(0);
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Prefetch = 50 }, (message, _) => Keep(second, message), Token);
        var preferred = await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue, Prefetch = 20, Priority = 1 }, async (message, cancellation) =>
        {
            first.Add(Text(message));
            await gate.WaitAsync(cancellation);
        }, Token);

        await Bus.SendAsync([.. Enumerable.Range(0, 15).Select(number => Message($"{number}"))], Token);
        await EventuallyAsync(() => Task.FromResult(first.Count == 15));
        Assert.Empty(second);

        // As many as it takes now, and the others go on.
        await Bus.SendAsync([.. Enumerable.Range(15, 25).Select(number => Message($"{number}"))], Token);
        await EventuallyAsync(() => Task.FromResult(first.Count + second.Count == 40));
        Assert.Equal(20, first.Count);

        gate.Release(20);
        await preferred.DisposeAsync();
        await Bus.SendAsync([Message("40")], Token);
        await EventuallyAsync(() => Task.FromResult(second.Contains("40")));

        static Task Keep(ConcurrentBag<string> bag, IncomingMessage message)
        {
            bag.Add(Text(message));
            return Task.CompletedTask;
        }
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

    private static void InterlockedMax(ref int most, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref most)) < value && Interlocked.CompareExchange(ref most, value, seen) != seen)
        {
        }
    }
}
