namespace Millrace.Messaging.Tests.Conformance;

/// <summary>Where a message goes, and in which order.</summary>
public abstract partial class MessageBusConformance
{
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

    private static (string Exchange, string Key) Route(IncomingMessage message) => (message.Exchange, message.RoutingKey);
}
