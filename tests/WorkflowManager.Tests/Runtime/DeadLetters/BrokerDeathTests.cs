using System.Text;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.DeadLetters;
using RabbitMQ.Client;

namespace Millrace.WorkflowManager.Tests.Runtime.DeadLetters;

/// <summary>Messages that RabbitMQ gave up by itself.</summary>
public sealed class BrokerDeathTests(NodeFixture node) : IClassFixture<NodeFixture>
{
    private static readonly string Queue = $"foreign-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_worker_rejects_and_what_is_delivered_too_often_have_a_reason_and_can_be_sent_again()
    {
        await node.Node.ControlAsync(["set_policy", "limit", "^foreign-", """{"delivery-limit": 2}""", "--apply-to", "queues"], cancellationToken: Token);
        await using var bus = BusFactory.Create(node.Url + "?queue-type=quorum");
        await bus.StartAsync(Token);
        await bus.DeclareQueueAsync(Queue, Token);
        using var letters = new DeadLetterQueue(bus);
        await using var connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(Token);
        await using var worker = await connection.CreateChannelAsync(cancellationToken: Token);

        await SendAsync(bus, "unwanted");
        await RejectAsync(worker, requeue: false);
        var letter = await OnlyAsync(letters);
        Assert.Equal($"a worker of {Queue} rejected it and did not want it again", letter.Reason);
        Assert.Equal((Queue, "", Queue, "unwanted"), (letter.Queue, letter.Exchange, letter.RoutingKey, letter.Body));

        Assert.True(await letters.RequeueAsync(letter.Id, Token));
        var again = await worker.BasicGetAsync(Queue, autoAck: false, Token);
        Assert.Equal("unwanted", Encoding.UTF8.GetString(again!.Body.Span));
        // The queue's own count of this message's deliveries.
        Assert.Equal(0L, again.BasicProperties.Headers!["x-delivery-count"]);
        Assert.Equal(["own", "x-delivery-count"], again.BasicProperties.Headers.Keys.Order());
        await worker.BasicAckAsync(again.DeliveryTag, multiple: false, Token);

        await SendAsync(bus, "deadly");
        for (var delivery = 0; delivery < 3; delivery++)
            await RejectAsync(worker, requeue: true);
        letter = await OnlyAsync(letters);
        Assert.Equal(($"{Queue} delivered it as often as the broker allows, without an acknowledgement", "deadly"), (letter.Reason, letter.Body));
        Assert.True(await letters.DiscardAsync(letter.Id, Token));
    }

    [Fact]
    public async Task A_post_goes_back_to_its_exchange_under_its_workflow()
    {
        var exchange = Wire.IngestExchange;
        await using var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(Token);
        await using var connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        var arguments = new Dictionary<string, object?> { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = "seen-dead" };
        await channel.QueueDeclareAsync("posts", durable: false, exclusive: true, autoDelete: false, arguments, cancellationToken: Token);
        await channel.QueueDeclareAsync("seen-dead", durable: false, exclusive: true, autoDelete: false, cancellationToken: Token);
        await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, cancellationToken: Token);
        await channel.QueueBindAsync("posts", exchange, "#", cancellationToken: Token);
        await channel.BasicPublishAsync(exchange, "enrich-post", "{}"u8.ToArray(), Token);
        await RejectAsync(channel, requeue: false, "posts");
        var seen = new TaskCompletionSource<IncomingMessage>();
        // Exclusive queues are their connection's alone, so the letter is carried over to the bus.
        var dead = await TakeAsync(channel, "seen-dead");
        await channel.BasicPublishAsync("", Wire.DeadLetterQueue, true, new BasicProperties(dead.BasicProperties), dead.Body, Token);
        await bus.ConsumeAsync(new ConsumerOptions { Queue = Wire.DeadLetterQueue }, (message, _) =>
        {
            seen.TrySetResult(message with { Body = message.Body.ToArray() });
            return Task.CompletedTask;
        }, Token);

        var letter = DeadLetter.From(await seen.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));

        Assert.Equal((exchange, "enrich-post"), letter.Origin);
    }

    private static async Task SendAsync(IMessageBus bus, string body)
    {
        // What we would write on a dead letter is its sender's here, and must not be believed.
        var properties = new MessageProperties
        {
            Headers = new Dictionary<string, string> { ["own"] = "1", ["reason"] = "forged", ["first-queue"] = "forged", ["first-routing-key"] = "workflow-manager" },
        };
        Assert.Equal(SendOutcome.Confirmed, (await bus.SendAsync([new OutgoingMessage("", Queue, Encoding.UTF8.GetBytes(body), properties)], Token))[0]);
    }

    private static async Task RejectAsync(IChannel worker, bool requeue, string? queue = null) =>
        await worker.BasicRejectAsync((await TakeAsync(worker, queue ?? Queue)).DeliveryTag, requeue, Token);

    private static async Task<BasicGetResult> TakeAsync(IChannel worker, string queue)
    {
        while (true)
        {
            if (await worker.BasicGetAsync(queue, autoAck: false, Token) is { } taken)
                return taken;
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
    }

    private static async Task<DeadLetterView> OnlyAsync(DeadLetterQueue letters)
    {
        while (true)
        {
            if ((await letters.ListAsync(10, Token)).Items is [var letter])
                return letter;
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        }
    }
}
