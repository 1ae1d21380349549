using System.Diagnostics;
using System.Text;
using Millrace.Contracts;
using Millrace.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>What other clients see of us, and we of them.</summary>
public sealed class WireTests(SharedNode node) : RawClientTest(node)
{
    [Fact]
    public async Task A_step_message_has_these_properties_and_bytes_and_no_others()
    {
        await SendAsync("""{"text":"grüß"}"""u8.ToArray(), new MessageProperties
        {
            ContentType = Wire.JsonContentType,
            CorrelationId = "0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10:echo",
            ReplyTo = Wire.ReplyQueue,
            Headers = new Dictionary<string, string> { ["attempt"] = "1", ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" },
        });
        var got = await Channel.BasicGetAsync(Queue, autoAck: true, Token);
        Assert.NotNull(got);
        Assert.Equal("""{"text":"grüß"}""", Encoding.UTF8.GetString(got.Body.Span));
        var properties = got.BasicProperties;
        Assert.Equal((Wire.JsonContentType, DeliveryModes.Persistent), (properties.ContentType, properties.DeliveryMode));
        Assert.Equal(("0b0e7a4e-0d5c-4c53-8a27-2f3f0f7b4f10:echo", Wire.ReplyQueue), (properties.CorrelationId, properties.ReplyTo));
        Assert.Equal(["attempt", "traceparent"], properties.Headers!.Keys.Order());
        Assert.Equal("1", Encoding.UTF8.GetString((byte[])properties.Headers["attempt"]!));
        Assert.False(properties.IsMessageIdPresent() || properties.IsTypePresent() || properties.IsTimestampPresent() || properties.IsExpirationPresent()
            || properties.IsAppIdPresent() || properties.IsPriorityPresent() || properties.IsContentEncodingPresent() || properties.IsUserIdPresent());
    }

    [Fact]
    public async Task Headers_of_every_type_arrive_as_text()
    {
        var headers = new Dictionary<string, object?>
        {
            ["int"] = 3,
            ["long"] = 3_000_000_000L,
            ["short"] = (short)-2,
            ["byte"] = (byte)200,
            ["double"] = 1.5,
            ["decimal"] = 2.25m,
            ["bool"] = true,
            ["text"] = "long string",
            ["bytes"] = new byte[] { 0xC3, 0xA9 },
            ["binary"] = new BinaryTableValue([1, 2, 3]),
            ["time"] = new AmqpTimestamp(0),
            ["never"] = new AmqpTimestamp(long.MaxValue),
            ["none"] = null,
            ["list"] = new List<object?> { 1, "two", false },
            ["table"] = new Dictionary<string, object?> { ["a"] = 1, ["b"] = new List<object?> { "x" } },
        };
        var got = new TaskCompletionSource<IncomingMessage>();
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue }, (message, _) =>
        {
            got.TrySetResult(message);
            return Task.CompletedTask;
        }, Token);
        await Channel.BasicPublishAsync("", Queue, true, new BasicProperties { Headers = headers, Priority = 255, ContentType = "x/y;z" }, new byte[] { 0, 255 }, Token);
        var message = await got.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        var seen = message.Properties.Headers;
        Assert.Equal(
            ["3", "3000000000", "-2", "200", "1.5", "2.25", "true", "long string", "é", "AQID", "1970-01-01T00:00:00.0000000+00:00",
             "9223372036854775807", "", "[1, two, false]", "{a: 1, b: [x]}"],
            headers.Keys.Select(name => seen[name]));
        Assert.Equal((byte)255, message.Properties.Priority);
        Assert.Equal([0, 255], message.Body.ToArray());
    }

    [Fact]
    public async Task A_dead_letter_keeps_types_it_has_no_words_for()
    {
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue }, (_, _) => throw new DeadLetterException("no sense"), Token);
        var sent = new BasicProperties
        {
            CorrelationId = Queue,
            Type = "a.type",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            Expiration = "60000",
            Headers = new Dictionary<string, object?> { ["n"] = 42L, ["t"] = new Dictionary<string, object?> { ["x"] = true } },
        };
        await Channel.BasicPublishAsync("", Queue, true, sent, "body"u8.ToArray(), Token);
        var letter = await DeadLetterAsync();
        Assert.Equal("body", Encoding.UTF8.GetString(letter.Body.Span));
        Assert.Equal(("a.type", 1_700_000_000L), (letter.BasicProperties.Type, letter.BasicProperties.Timestamp.UnixTime));
        Assert.False(letter.BasicProperties.IsExpirationPresent());
        var headers = letter.BasicProperties.Headers!;
        Assert.Equal(42L, headers["n"]);
        Assert.Equal(true, ((IDictionary<string, object?>)headers["t"]!)["x"]);
        Assert.Equal("no sense", Encoding.UTF8.GetString((byte[])headers[Wire.ReasonHeader]!));
        Assert.Equal(Queue, Encoding.UTF8.GetString((byte[])headers["first-queue"]!));
    }

    [Fact]
    public async Task Texts_that_AMQP_cannot_carry_are_refused_and_the_connection_goes_on()
    {
        var outcomes = await Bus.SendAsync(
        [
            Message("a") with { Properties = new MessageProperties { CorrelationId = new string('é', 128) } },
            Message("b") with { Properties = new MessageProperties { Headers = new Dictionary<string, string> { ["error"] = new('x', 100_000) } } },
            Message("c") with { Exchange = new string('x', 300) },
            Message("d"),
        ], Token);
        Assert.Equal(
            [SendOutcomeKind.Unroutable, SendOutcomeKind.Unroutable, SendOutcomeKind.Unroutable, SendOutcomeKind.Confirmed],
            outcomes.Select(outcome => outcome.Kind));
        Assert.Contains("correlation_id", outcomes[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_in_Python_takes_a_message_and_replies()
    {
        await DebianPackage.InstallAsync("python3-pika", "/usr/lib/python3/dist-packages/pika/__init__.py", Token);
        var replies = $"{Queue}-replies";
        var got = new TaskCompletionSource<IncomingMessage>();
        await Bus.ConsumeAsync(new ConsumerOptions { Queue = replies }, (message, _) =>
        {
            got.TrySetResult(message with { Body = message.Body.ToArray() });
            return Task.CompletedTask;
        }, Token);
        await SendAsync("""{"text":"grüß"}"""u8.ToArray(), new MessageProperties
        {
            ContentType = Wire.JsonContentType,
            CorrelationId = "r:echo",
            ReplyTo = replies,
            Headers = new Dictionary<string, string> { ["attempt"] = "1" },
        });
        const string worker = """
            import json, sys, pika
            channel = pika.BlockingConnection(pika.URLParameters(sys.argv[1])).channel()
            method, properties, body = channel.basic_get(sys.argv[2])
            seen = {"text": json.loads(body)["text"], "contentType": properties.content_type, "mode": properties.delivery_mode,
                    "headers": properties.headers, "messageId": properties.message_id, "appId": properties.app_id}
            channel.basic_publish("", properties.reply_to, json.dumps(seen).encode(), pika.BasicProperties(
                correlation_id=properties.correlation_id, headers={"attempt": 1, "ok": True, "nested": {"a": [1, "b"]}}))
            channel.basic_ack(method.delivery_tag)
            """;
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", worker, Node.Url + "/%2F", Queue]) { RedirectStandardError = true })!;
        var errors = await python.StandardError.ReadToEndAsync(Token);
        await python.WaitForExitAsync(Token);
        Assert.True(python.ExitCode == 0, errors);
        var reply = await got.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(
            """{"text": "gr\u00fc\u00df", "contentType": "application/json", "mode": 2, "headers": {"attempt": "1"}, "messageId": null, "appId": null}""",
            Encoding.UTF8.GetString(reply.Body.Span));
        Assert.Equal(("r:echo", "1", "true"), (reply.Properties.CorrelationId, reply.Properties.Headers["attempt"], reply.Properties.Headers["ok"]));
        Assert.Null(reply.Properties.ContentType);
    }

    [Theory]
    [InlineData("", "low high")]
    [InlineData("?max-priority=9", "high low")]
    public async Task Higher_priorities_go_first_where_the_queue_was_declared_for_them(string query, string expected)
    {
        await using var bus = BusFactory.Create(Node.Url + query);
        await bus.StartAsync(Token);
        var queue = $"{Queue}-priorities";
        await bus.DeclareQueueAsync(queue, Token);
        foreach (var (text, priority) in new (string, byte)[] { ("low", 1), ("high", 5) })
            await bus.SendAsync([new OutgoingMessage("", queue, Encoding.UTF8.GetBytes(text), new MessageProperties { Priority = priority })], Token);
        var got = new List<string>();
        var both = new TaskCompletionSource();
        await bus.ConsumeAsync(new ConsumerOptions { Queue = queue, Prefetch = 1 }, (message, _) =>
        {
            got.Add(Encoding.UTF8.GetString(message.Body.Span));
            if (got.Count == 2)
                both.SetResult();
            return Task.CompletedTask;
        }, Token);
        await both.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(expected, string.Join(' ', got));
    }

    private OutgoingMessage Message(string body) => new("", Queue, Encoding.UTF8.GetBytes(body), MessageProperties.Empty);

    private async Task SendAsync(byte[] body, MessageProperties properties) =>
        Assert.Equal(SendOutcome.Confirmed, (await Bus.SendAsync([new OutgoingMessage("", Queue, body, properties)], Token))[0]);

    /// <summary>The queue of dead letters is shared with other tests: theirs are given back.</summary>
    private async Task<BasicDeliverEventArgs> DeadLetterAsync()
    {
        var found = new TaskCompletionSource<BasicDeliverEventArgs>();
        var consumer = new AsyncEventingBasicConsumer(Channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            if (delivery.BasicProperties.CorrelationId == Queue)
                found.TrySetResult(new BasicDeliverEventArgs(
                    delivery.ConsumerTag, delivery.DeliveryTag, delivery.Redelivered, delivery.Exchange, delivery.RoutingKey, delivery.BasicProperties, delivery.Body.ToArray()));
            return Task.CompletedTask;
        };
        var tag = await Channel.BasicConsumeAsync(Wire.DeadLetterQueue, autoAck: false, consumer, Token);
        var letter = await found.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await Channel.BasicAckAsync(letter.DeliveryTag, multiple: false, Token);
        await Channel.BasicCancelAsync(tag, cancellationToken: Token);
        return letter;
    }
}
