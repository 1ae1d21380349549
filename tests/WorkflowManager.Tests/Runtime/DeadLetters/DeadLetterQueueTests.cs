using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.DeadLetters;
using RabbitMQ.Client;

namespace Millrace.WorkflowManager.Tests.Runtime.DeadLetters;

/// <summary>What is done with dead letters on a broker.</summary>
public sealed class DeadLetterQueueTests(NodeFixture node) : IClassFixture<NodeFixture>, IAsyncLifetime
{
    private readonly string _queue = $"home-{Guid.NewGuid():N}";
    private readonly IMessageBus _bus = BusFactory.Create(node.Url, new BusOptions { SendTimeoutMs = 4_000 });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _bus.StartAsync(Token);
        await _bus.DeclareQueueAsync(_queue, Token);
    }

    public ValueTask DisposeAsync() => _bus.DisposeAsync();

    [Fact]
    public async Task A_requeue_that_the_broker_does_not_confirm_is_told_and_the_letter_is_neither_lost_nor_doubled()
    {
        using var letters = new DeadLetterQueue(_bus);
        await PutAsync("held up");
        var letter = Assert.Single((await letters.ListAsync(10, Token)).Items);
        await node.Node.ControlAsync(["set_vm_memory_high_watermark", "0.000001"], cancellationToken: Token);
        // The alarm reaches a connection with its next message.
        while (_bus.IsHealthy)
            await _bus.SendAsync([new OutgoingMessage("", $"{_queue}-nowhere", default, MessageProperties.Empty)], Token);

        var failure = await Assert.ThrowsAsync<NotConfirmedException>(() => letters.RequeueAsync(letter.Id, Token));

        Assert.Contains("takes no messages", failure.Message, StringComparison.Ordinal);
        Assert.Equal(letter.Id, Assert.Single((await letters.ListAsync(10, Token)).Items).Id);
        await node.Node.ControlAsync(["set_vm_memory_high_watermark", "0.9"], cancellationToken: Token);
        while (!_bus.IsHealthy)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
        Assert.Equal(0, (await _bus.InspectAsync(_queue, Token))!.Messages);
        Assert.True(await letters.RequeueAsync(letter.Id, Token));
        Assert.False(await letters.RequeueAsync(letter.Id, Token));
        Assert.Equal(1, (await _bus.InspectAsync(_queue, Token))!.Messages);
    }

    [Fact]
    public async Task A_message_that_is_requeued_is_what_it_was_sent_as()
    {
        using var letters = new DeadLetterQueue(_bus);
        await using var connection = await new ConnectionFactory { Uri = new Uri(node.Url) }.CreateConnectionAsync(Token);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        var sent = new BasicProperties
        {
            ContentType = "application/json",
            ContentEncoding = "utf-8",
            Type = "a.type",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            CorrelationId = "c",
            ReplyTo = "r",
            AppId = "app",
            UserId = "guest",
            Expiration = "600000",
            Headers = new Dictionary<string, object?>
            {
                ["number"] = 42L,
                ["list"] = new List<object?> { 1, true },
                ["table"] = new Dictionary<string, object?> { ["x"] = 1.5 },
                ["CC"] = new List<object?> { $"{_queue}-elsewhere" },
            },
        };
        await using (await _bus.ConsumeAsync(new ConsumerOptions { Queue = _queue }, (_, _) => throw new DeadLetterException("no sense"), Token))
        {
            await channel.BasicPublishAsync("", _queue, true, sent, "body"u8.ToArray(), Token);
            while ((await _bus.InspectAsync(Wire.DeadLetterQueue, Token))!.Messages == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Token);
        }
        var letter = Assert.Single((await letters.ListAsync(10, Token)).Items);

        Assert.True(await letters.RequeueAsync(letter.Id, Token));

        var again = await channel.BasicGetAsync(_queue, autoAck: true, Token);
        Assert.Equal("body", Encoding.UTF8.GetString(again!.Body.Span));
        var properties = again.BasicProperties;
        Assert.Equal(("application/json", "utf-8", "a.type"), (properties.ContentType, properties.ContentEncoding, properties.Type));
        Assert.Equal((1_700_000_000L, "c", "r", "app"), (properties.Timestamp.UnixTime, properties.CorrelationId, properties.ReplyTo, properties.AppId));
        Assert.False(properties.IsUserIdPresent() || properties.IsExpirationPresent());
        Assert.Equal(["list", "number", "table", "x-original-cc", "x-original-expiration", "x-original-user-id"], properties.Headers!.Keys.Order());
        Assert.Equal(42L, properties.Headers["number"]);
        Assert.Equal([1, true], Assert.IsAssignableFrom<IEnumerable<object?>>(properties.Headers["list"]));
        Assert.Equal(1.5, Assert.IsAssignableFrom<IDictionary<string, object?>>(properties.Headers["table"])["x"]);
    }

    [Fact]
    public async Task A_list_reads_no_more_than_its_bytes_says_that_there_are_more_and_all_can_be_taken()
    {
        using var all = new DeadLetterQueue(_bus);
        using var letters = new DeadLetterQueue(_bus) { MaxListedBytes = 1_000 };
        for (var number = 0; number < 5; number++)
            await PutAsync(new string((char)('a' + number), 600));

        var (items, total, hasMore) = await letters.ListAsync(200, Token);

        Assert.Equal((2, 5L, true), (items.Count, total, hasMore));
        var whole = await all.ListAsync(200, Token);
        Assert.Equal((5, false), (whole.Items.Count, whole.HasMore));
        foreach (var letter in whole.Items.Reverse())
            Assert.True(await letters.DiscardAsync(letter.Id, Token));
        Assert.Empty((await letters.ListAsync(200, Token)).Items);
    }

    private async Task PutAsync(string body)
    {
        var properties = new MessageProperties { Headers = new Dictionary<string, string> { [Wire.ReasonHeader] = "none", ["first-routing-key"] = _queue } };
        var outcomes = await _bus.SendAsync([new OutgoingMessage("", Wire.DeadLetterQueue, Encoding.UTF8.GetBytes(body), properties)], Token);
        Assert.Equal(SendOutcome.Confirmed, outcomes[0]);
    }
}
