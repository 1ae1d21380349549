using System.Globalization;
using System.Text;
using Millrace.Contracts;
using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>What a sender may write on a message, and what becomes of it when we send the message on under our own rights.</summary>
public sealed class ForeignPropertiesTests(SharedNode node) : RawClientTest(node)
{
    [Fact]
    public async Task A_dead_letter_goes_nowhere_else_whatever_its_sender_copies_it_to()
    {
        var victim = $"{Queue}-victim";
        await Channel.QueueDeclareAsync(victim, durable: true, exclusive: false, autoDelete: false, cancellationToken: Token);
        // The sender's own copies come by another exchange, where these keys lead nowhere.
        await Channel.ExchangeDeclareAsync($"{Queue}-door", ExchangeType.Topic, durable: false, autoDelete: true, cancellationToken: Token);
        await Channel.QueueBindAsync(Queue, $"{Queue}-door", "post", cancellationToken: Token);

        var letter = await DieAsync(new BasicProperties { Headers = new Dictionary<string, object?> { ["CC"] = new List<object?> { victim, Queue }, ["own"] = 7 } });

        var headers = letter.BasicProperties.Headers!;
        Assert.Equal($"[{victim}, {Queue}]", Header(letter, "x-original-cc"));
        Assert.Equal((false, 7), (headers.ContainsKey("CC"), headers["own"]));
        Assert.Equal((0u, 0u), (await Channel.MessageCountAsync(victim, Token), await Channel.MessageCountAsync(Queue, Token)));
    }

    [Fact]
    public async Task A_dead_letter_outlives_its_senders_wishes_and_keeps_them()
    {
        var letter = await DieAsync(new BasicProperties
        {
            Persistent = false,
            Expiration = "600000",
            UserId = "guest",
            Priority = 200,
            ContentEncoding = "utf-8",
            Headers = new Dictionary<string, object?>
            {
                ["x-death"] = new List<object?> { new Dictionary<string, object?> { ["queue"] = "workflow-manager", ["reason"] = "expired" } },
                ["x-first-death-queue"] = "workflow-manager",
                ["first-routing-key"] = "workflow-manager",
                ["reason"] = "none",
            },
        });

        var properties = letter.BasicProperties;
        Assert.Equal(DeliveryModes.Persistent, properties.DeliveryMode);
        Assert.Equal((false, false), (properties.IsExpirationPresent(), properties.IsUserIdPresent()));
        Assert.Equal(("600000", "guest"), (Header(letter, "x-original-expiration"), Header(letter, "x-original-user-id")));
        Assert.Equal(("utf-8", 200), (properties.ContentEncoding, properties.Priority));
        Assert.Equal("[{queue: workflow-manager, reason: expired}]", Header(letter, "x-original-death"));
        Assert.Equal("workflow-manager", Header(letter, "x-original-first-death-queue"));
        Assert.DoesNotContain("x-death", properties.Headers!.Keys);
        Assert.DoesNotContain("x-first-death-queue", properties.Headers.Keys);
        Assert.Equal((Queue, "no sense"), (Header(letter, "first-routing-key"), Header(letter, Wire.ReasonHeader)));
    }

    [Fact]
    public async Task A_dead_letter_in_the_name_of_another_user_costs_no_other_message()
    {
        await Node.Node.ControlAsync(["add_user", Queue, "secret"], cancellationToken: Token);
        await Node.Node.ControlAsync(["set_permissions", Queue, ".*", ".*", ".*"], cancellationToken: Token);
        var url = new Uri(Node.Url.Replace("guest:guest", $"{Queue}:secret", StringComparison.Ordinal));
        await using var other = await new ConnectionFactory { Uri = url }.CreateConnectionAsync(Token);
        await using var channel = await other.CreateChannelAsync(cancellationToken: Token);

        var letter = await DieAsync(new BasicProperties { UserId = Queue }, channel);

        Assert.Equal(Queue, Header(letter, "x-original-user-id"));
        await other.CloseAsync(Token);
    }

    [Theory]
    [InlineData("one")]
    [InlineData("many")]
    [InlineData("deep")]
    public async Task Headers_too_large_to_be_sent_on_are_left_out_and_the_reason_says_so(string kind)
    {
        var headers = new Dictionary<string, object?> { ["own"] = "kept" };
        if (kind == "one")
            headers["huge"] = new string('x', 120_000);
        else if (kind == "many")
            Enumerable.Range(0, 4_000).ToList().ForEach(number => headers[$"header-{number}"] = "twelve bytes");
        else
            headers["huge"] = new List<object?> { new Dictionary<string, object?> { ["a"] = new string('x', 60_000), ["b"] = new string('y', 60_000) } };

        var letter = await DieAsync(new BasicProperties { Headers = headers });

        Assert.Equal("kept", Header(letter, "own"));
        Assert.StartsWith("no sense; left out for their size", Header(letter, Wire.ReasonHeader), StringComparison.Ordinal);
        Assert.Contains(kind == "many" ? "headers" : "huge", Header(letter, Wire.ReasonHeader), StringComparison.Ordinal);
        Assert.Equal("body", Encoding.UTF8.GetString(letter.Body.Span));
    }

    [Fact]
    public async Task A_header_that_would_route_a_message_of_ours_is_refused_and_the_channel_goes_on()
    {
        var properties = new MessageProperties { Headers = new Dictionary<string, string> { ["CC"] = "[elsewhere]" } };
        var outcomes = await Bus.SendAsync(
        [
            new OutgoingMessage("", Queue, "a"u8.ToArray(), properties),
            new OutgoingMessage("", Queue, "b"u8.ToArray(), MessageProperties.Empty),
        ], Token);

        Assert.Equal([SendOutcomeKind.Unroutable, SendOutcomeKind.Confirmed], outcomes.Select(outcome => outcome.Kind));
        Assert.Contains("CC", outcomes[0].Reason, StringComparison.Ordinal);
    }

    private static string Header(BasicGetResult letter, string name) => Encoding.UTF8.GetString((byte[])letter.BasicProperties.Headers![name]!);

    /// <summary>Publishes a message that its consumer does not want.</summary>
    /// <returns>The dead letter.</returns>
    private async Task<BasicGetResult> DieAsync(BasicProperties properties, IChannel? publisher = null)
    {
        properties.CorrelationId = Queue;
        var hasDoor = properties.Headers?.ContainsKey("CC") == true;
        await using var consumer = await Bus.ConsumeAsync(new ConsumerOptions { Queue = Queue }, (_, _) => throw new DeadLetterException("no sense"), Token);
        await (publisher ?? Channel).BasicPublishAsync(hasDoor ? $"{Queue}-door" : "", hasDoor ? "post" : Queue, true, properties, "body"u8.ToArray(), Token);
        return await LetterAsync();
    }

    /// <summary>The queue of dead letters is shared with other tests: theirs are given back.</summary>
    private async Task<BasicGetResult> LetterAsync()
    {
        var patience = TimeSpan.FromSeconds(20);
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < patience)
        {
            await using var channel = await Connection.CreateChannelAsync(cancellationToken: Token);
            while (await channel.BasicGetAsync(Wire.DeadLetterQueue, autoAck: false, Token) is { } letter)
            {
                if (letter.BasicProperties.CorrelationId != Queue)
                    continue;
                await channel.BasicAckAsync(letter.DeliveryTag, multiple: false, Token);
                return letter;
            }
            await channel.CloseAsync(Token);
            await Task.Delay(TimeSpan.FromMilliseconds(50), Token);
        }
        throw new TimeoutException(string.Create(CultureInfo.InvariantCulture, $"no dead letter of {Queue} within {patience}"));
    }
}
