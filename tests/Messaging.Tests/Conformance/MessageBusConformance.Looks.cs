using System.Text;

namespace Millrace.Messaging.Tests.Conformance;

/// <summary>Messages that are looked at, and sent on.</summary>
public abstract partial class MessageBusConformance
{
    [Fact]
    public async Task A_look_shows_what_waits_and_takes_no_more_than_it_is_told()
    {
        await Bus.DeclareQueueAsync(Queue, Token);
        foreach (var body in (string[])["a", "b", "c"])
            await SendAsync(body);

        Assert.Equal(["a", "b", "c"], await LookAsync(_ => LookStep.Next));
        await EventuallyAsync(async () => (await Bus.InspectAsync(Queue, Token))!.Messages == 3);
        Assert.Equal(["a", "b"], await LookAsync(body => body == "b" ? LookStep.Take : LookStep.Next));
        await EventuallyAsync(async () => (await Bus.InspectAsync(Queue, Token))!.Messages == 2);
        Assert.Single(await LookAsync(_ => LookStep.Stop));
        Assert.Equal(["a", "c"], (await LookAsync(_ => LookStep.Next)).Order());
    }

    [Fact]
    public async Task A_look_that_throws_gives_everything_back()
    {
        await Bus.DeclareQueueAsync(Queue, Token);
        await SendAsync("a");
        await SendAsync("b");

        await Assert.ThrowsAsync<FormatException>(() => LookAsync(body => body == "b" ? throw new FormatException() : LookStep.Next));

        Assert.Equal(["a", "b"], (await LookAsync(_ => LookStep.Next)).Order());
    }

    [Fact]
    public async Task A_look_at_an_empty_queue_sees_nothing()
    {
        await Bus.DeclareQueueAsync(Queue, Token);
        Assert.Empty(await LookAsync(_ => LookStep.Take));
    }

    [Fact]
    public async Task What_is_sent_on_keeps_what_it_carries_beside_the_headers_that_are_changed()
    {
        await Bus.DeclareQueueAsync($"{Queue}-next", Token);
        await Bus.DeclareQueueAsync(Queue, Token);
        var properties = new MessageProperties
        {
            CorrelationId = "c",
            MessageId = "m",
            Priority = 3,
            Headers = new Dictionary<string, string> { ["keep"] = "1", ["Drop"] = "2", ["change"] = "3" },
        };
        await SendAsync("on", properties);
        var outcomes = new List<SendOutcome>();
        var changes = new Dictionary<string, string?> { ["drop"] = null, ["change"] = "4", ["add"] = "5" };
        await Bus.LookAsync(Queue, async message =>
        {
            outcomes.Add(await Bus.ForwardAsync(message, "", $"{Queue}-next", changes, Token));
            outcomes.Add(await Bus.ForwardAsync(message, "", $"{Queue}-nowhere", changes, Token));
            return LookStep.Take;
        }, Token);

        Assert.Equal([SendOutcomeKind.Confirmed, SendOutcomeKind.Unroutable], outcomes.Select(outcome => outcome.Kind));
        var next = await (await ConsumeAsync(new ConsumerOptions { Queue = $"{Queue}-next" })).NextAsync();
        Assert.Equal(("on", "c", "m", (byte)3), (Text(next), next.Properties.CorrelationId, next.Properties.MessageId, next.Properties.Priority));
        Assert.Equal(["add=5", "change=4", "keep=1"], next.Properties.Headers.Select(header => $"{header.Key}={header.Value}").Order());
    }

    private async Task<List<string>> LookAsync(Func<string, LookStep> see)
    {
        var seen = new List<string>();
        await Bus.LookAsync(Queue, message =>
        {
            seen.Add(Encoding.UTF8.GetString(message.Body.Span));
            return Task.FromResult(see(seen[^1]));
        }, Token);
        return seen;
    }
}
