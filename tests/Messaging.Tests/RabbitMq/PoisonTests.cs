using System.Collections.Concurrent;
using System.Text;
using Millrace.Contracts;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Messages that end the connection of whoever takes them, or that a foreign worker does not want.</summary>
public sealed class PoisonTests(PrivateNode node) : IClassFixture<PrivateNode>
{
    private readonly string _queue = $"poison-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task On_a_quorum_queue_what_ends_consumer_after_consumer_is_dead_lettered_and_nothing_is_lost()
    {
        await using var bus = await StartAsync("?queue-type=quorum");
        await SendAsync(bus, "poison");
        for (var death = 0; death < 3; death++)
            await DieWithAsync();
        await SendAsync(bus, "after");
        var (handled, after) = (new ConcurrentQueue<string>(), new TaskCompletionSource());
        await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, DeliveryLimit = 3 }, (message, _) =>
        {
            handled.Enqueue(Encoding.UTF8.GetString(message.Body.Span));
            after.TrySetResult();
            return Task.CompletedTask;
        }, Token);

        var letter = await DeadLetterAsync(bus);

        Assert.Equal("poison", Encoding.UTF8.GetString(letter.Body.Span));
        Assert.Equal("delivered 3 times without an acknowledgement", letter.Properties.Headers[Wire.ReasonHeader]);
        Assert.DoesNotContain("x-delivery-count", letter.Properties.Headers.Keys);
        await after.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(["after"], handled);
    }

    [Fact]
    public async Task On_a_classic_queue_deaths_of_consumers_are_not_counted()
    {
        await using var bus = await StartAsync("");
        await SendAsync(bus, "poison");
        for (var death = 0; death < 3; death++)
            await DieWithAsync();
        var got = new TaskCompletionSource<int>();
        await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, DeliveryLimit = 3 }, (message, _) =>
        {
            got.TrySetResult(message.DeliveryCount);
            return Task.CompletedTask;
        }, Token);

        Assert.Equal(1, await got.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task What_a_foreign_worker_rejects_on_a_quorum_queue_is_a_dead_letter()
    {
        await using var bus = await StartAsync("?queue-type=quorum");
        await SendAsync(bus, "unwanted");
        await using var connection = await ConnectAsync();
        var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.BasicRejectAsync((await TakeAsync(channel)).DeliveryTag, requeue: false, Token);

        var letter = await DeadLetterAsync(bus);

        Assert.Equal("unwanted", Encoding.UTF8.GetString(letter.Body.Span));
        Assert.Equal((_queue, "rejected"), (letter.Properties.Headers["x-first-death-queue"], letter.Properties.Headers["x-first-death-reason"]));
    }

    [Fact]
    public async Task A_quorum_queue_that_was_declared_without_dead_letters_goes_on_as_it_is()
    {
        await using var connection = await ConnectAsync();
        var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.QueueDeclareAsync(
            _queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" }, cancellationToken: Token);
        await using var bus = await StartAsync("?queue-type=quorum");
        await SendAsync(bus, "old");
        var got = new TaskCompletionSource<string>();
        await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue }, (message, _) =>
        {
            got.TrySetResult(Encoding.UTF8.GetString(message.Body.Span));
            return Task.CompletedTask;
        }, Token);

        Assert.Equal("old", await got.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task Without_a_delivery_limit_nothing_is_dead_lettered_for_being_looked_at()
    {
        await using var bus = await StartAsync("?queue-type=quorum");
        await SendAsync(bus, "looked at");
        for (var look = 0; look < 3; look++)
            await DieWithAsync();
        var got = new TaskCompletionSource<int>();
        await bus.ConsumeAsync(new ConsumerOptions { Queue = _queue, DeliveryLimit = ConsumerOptions.NoDeliveryLimit }, (message, _) =>
        {
            got.TrySetResult(message.DeliveryCount);
            return Task.CompletedTask;
        }, Token);

        Assert.Equal(3, await got.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    private async Task<IMessageBus> StartAsync(string query)
    {
        var bus = BusFactory.Create(node.Node.Url + query);
        await bus.StartAsync(Token);
        await bus.DeclareQueueAsync(_queue, Token);
        return bus;
    }

    private async Task SendAsync(IMessageBus bus, string body)
    {
        var message = new OutgoingMessage("", _queue, Encoding.UTF8.GetBytes(body), new MessageProperties { CorrelationId = _queue });
        Assert.Equal(SendOutcome.Confirmed, (await bus.SendAsync([message], Token))[0]);
    }

    private Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = new Uri(node.Node.Url) }.CreateConnectionAsync(Token);

    /// <summary>Takes the first message and is gone, as a process that is killed by it.</summary>
    private async Task DieWithAsync()
    {
        await using var connection = await ConnectAsync();
        await TakeAsync(await connection.CreateChannelAsync(cancellationToken: Token));
        await connection.CloseAsync(Token);
    }

    private async Task<BasicDeliverEventArgs> TakeAsync(IChannel channel)
    {
        var taken = new TaskCompletionSource<BasicDeliverEventArgs>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            taken.TrySetResult(delivery);
            return Task.CompletedTask;
        };
        await channel.BasicQosAsync(0, 1, global: false, Token);
        await channel.BasicConsumeAsync(_queue, autoAck: false, consumer, Token);
        return await taken.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }

    private async Task<IncomingMessage> DeadLetterAsync(IMessageBus bus)
    {
        var found = new TaskCompletionSource<IncomingMessage>();
        await using var consumer = await bus.ConsumeAsync(new ConsumerOptions { Queue = Wire.DeadLetterQueue }, (message, _) =>
        {
            if (message.Properties.CorrelationId == _queue)
                found.TrySetResult(message with { Body = message.Body.ToArray() });
            return Task.CompletedTask;
        }, Token);
        return await found.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
    }
}
