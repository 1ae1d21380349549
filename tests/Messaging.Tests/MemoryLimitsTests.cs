namespace Millrace.Messaging.Tests;

public sealed class MemoryLimitsTests
{
    [Fact]
    public async Task A_queue_that_nobody_reads_stops_its_senders_and_a_reader_lets_them_on()
    {
        var token = TestContext.Current.CancellationToken;
        await using var bus = BusFactory.Create("memory:", new BusOptions { MaxQueueMessages = 4, SendTimeoutMs = 200 });
        await bus.StartAsync(token);
        await bus.DeclareQueueAsync("narrow", token);
        var messages = Enumerable.Range(0, 6).Select(_ => new OutgoingMessage("", "narrow", new byte[10], MessageProperties.Empty)).ToArray();
        var outcomes = await bus.SendAsync(messages, token);
        Assert.Equal(4, outcomes.Count(outcome => outcome.Kind == SendOutcomeKind.Confirmed));
        Assert.Contains("full", outcomes[4].Reason, StringComparison.Ordinal);
        await bus.ConsumeAsync(new ConsumerOptions { Queue = "narrow" }, (_, _) => Task.CompletedTask, token);
        Assert.All(await bus.SendAsync(messages, token), outcome => Assert.Equal(SendOutcomeKind.Confirmed, outcome.Kind));
    }
}
