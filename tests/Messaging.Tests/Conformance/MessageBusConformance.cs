using System.Text;
using Millrace.Contracts;

namespace Millrace.Messaging.Tests.Conformance;

/// <summary>What every transport keeps. A transport's suite is this class and a way to make a bus.</summary>
public abstract partial class MessageBusConformance : IAsyncLifetime
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
}
