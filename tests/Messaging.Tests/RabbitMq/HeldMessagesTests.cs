using System.Collections.Concurrent;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>What a consumer holds is bounded, by messages and by bytes, whatever the broker and the network do.</summary>
public sealed class HeldMessagesTests(SharedNode node)
{
    private readonly string _queue = $"held-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Large_bodies_wait_while_there_is_no_room_for_them()
    {
        await using var bus = await StartAsync(node.Url, new BusOptions { MaxHeldBytes = 4_000_000, MaxBodyBytes = 1_000_000 });
        await SendAsync(bus, 40, bytes: 900_000);
        var (inHand, most, ended) = (0, 0, 0);
        await using var consumer = await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, Prefetch = 40 }, async (_, token) =>
        {
            var now = Interlocked.Increment(ref inHand);
            lock (_queue)
                most = Math.Max(most, now);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, token);
            Interlocked.Decrement(ref inHand);
            Interlocked.Increment(ref ended);
        }, Token);

        await UntilAsync(() => Volatile.Read(ref ended) == 40);

        Assert.InRange(most, 2, 4);
    }

    [Fact]
    public async Task Small_ones_are_handled_as_many_at_once_as_the_consumer_wants()
    {
        await using var bus = await StartAsync(node.Url, new BusOptions { MaxHeldBytes = 4_000_000, MaxBodyBytes = 1_000_000 });
        await SendAsync(bus, 200, bytes: 100);
        var (all, inHand) = (new TaskCompletionSource(), 0);
        await using var consumer = await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, Prefetch = 100 }, async (_, token) =>
        {
            if (Interlocked.Increment(ref inHand) >= 100)
                all.TrySetResult();
            await all.Task.WaitAsync(token);
        }, Token);

        await all.Task.WaitAsync(TimeSpan.FromSeconds(60), Token);
    }

    [Fact]
    public async Task Handlers_of_lost_sessions_leave_no_room_for_more_than_one_prefetch_and_are_cancelled_in_the_end()
    {
        await using var wire = new TcpProxy(node.Node.Port);
        await using var bus = await StartAsync($"amqp://guest:guest@127.0.0.1:{wire.Port}", new BusOptions());
        await SendAsync(bus, 10, bytes: 100);
        var (started, cancelled) = (new ConcurrentQueue<int>(), 0);
        await using var consumer = await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, Prefetch = 4, DrainLimitSeconds = 3 }, async (_, token) =>
        {
            started.Enqueue(0);
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            }
            finally
            {
                Interlocked.Increment(ref cancelled);
            }
        }, Token);
        await UntilAsync(() => started.Count == 4);
        for (var loss = 0; loss < 2; loss++)
        {
            wire.Cut();
            await UntilAsync(() => !bus.IsHealthy);
            wire.Mend();
            await UntilAsync(() => bus.IsHealthy);
        }

        Assert.InRange(started.Count - Volatile.Read(ref cancelled), 0, 4);
        await UntilAsync(() => Volatile.Read(ref cancelled) >= 4);
        await UntilAsync(() => started.Count >= 8);
    }

    private async Task<IMessageBus> StartAsync(string url, BusOptions options)
    {
        var bus = BusFactory.Create(url, options);
        await bus.StartAsync(Token);
        await bus.DeclareQueueAsync(_queue, Token);
        return bus;
    }

    private async Task SendAsync(IMessageBus bus, int count, int bytes)
    {
        var message = new OutgoingMessage("", _queue, new byte[bytes], MessageProperties.Empty);
        Assert.All(await bus.SendAsync([.. Enumerable.Repeat(message, count)], Token), outcome => Assert.Equal(SendOutcome.Confirmed, outcome));
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
    }
}
