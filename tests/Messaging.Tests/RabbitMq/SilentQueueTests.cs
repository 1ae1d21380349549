using Millrace.Contracts;
using RabbitMQ.Client;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A queue that confirms nothing, as a quorum queue without a leader, or that refuses what comes, holds up its own messages alone.</summary>
public sealed class SilentQueueTests(PrivateNode broker) : IClassFixture<PrivateNode>
{
    private readonly string _queue = $"queue-{Guid.NewGuid():N}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_messages_for_a_silent_queue_than_may_be_in_flight_stop_no_others_and_they_go_once_it_is_back()
    {
        await using var bus = BusFactory.Create($"{broker.Node.Url}?queue-type=quorum", new BusOptions { SendTimeoutMs = 1_000, MaxInFlight = 8 });
        await bus.StartAsync(Token);
        await bus.DeclareQueueAsync(_queue, Token);
        Assert.Equal(SendOutcome.Confirmed, (await bus.SendAsync([To(_queue)], Token))[0]);
        await TellLeaderAsync("suspend");

        var outcomes = await bus.SendAsync([.. Enumerable.Repeat(To(_queue), 20)], Token);

        Assert.All(outcomes, outcome => Assert.Equal(SendOutcomeKind.Unknown, outcome.Kind));
        Assert.Equal(8, outcomes.Count(outcome => outcome.Fault == QueueFault.Silent));
        Assert.Equal(SendOutcome.Confirmed, (await bus.SendAsync([To(Wire.DeadLetterQueue)], Token))[0]);
        // One more shows whether the queue is back, and the rest makes way at once.
        outcomes = await bus.SendAsync([To(_queue), To(_queue), To(Wire.DeadLetterQueue)], Token);
        Assert.Equal([QueueFault.Silent, QueueFault.Silent, QueueFault.None], outcomes.Select(outcome => outcome.Fault));
        Assert.Equal(SendOutcome.Confirmed, outcomes[2]);

        await TellLeaderAsync("resume");
        while ((await bus.SendAsync([.. Enumerable.Repeat(To(_queue), 20)], Token)).Any(outcome => outcome.Kind != SendOutcomeKind.Confirmed))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token);
    }

    [Fact]
    public async Task A_full_queue_refuses_its_messages_and_the_outcome_says_so()
    {
        await DeclareFullAsync();
        await using var bus = BusFactory.Create(broker.Node.Url);
        await bus.StartAsync(Token);

        var outcomes = await bus.SendAsync([To(_queue), To(_queue), To(Wire.DeadLetterQueue)], Token);

        Assert.Equal([SendOutcomeKind.Confirmed, SendOutcomeKind.Unknown, SendOutcomeKind.Confirmed], outcomes.Select(outcome => outcome.Kind));
        Assert.Equal(QueueFault.Full, outcomes[1].Fault);
    }

    private static OutgoingMessage To(string queue) => new("", queue, new byte[1_000], MessageProperties.Empty);

    private Task TellLeaderAsync(string what) => broker.Node.EvaluateAsync(
        $"[sys:{what}(element(1, amqqueue:get_pid(Q))) || Q <- rabbit_amqqueue:list(), element(4, amqqueue:get_name(Q)) =:= <<\"{_queue}\">>].", Token);

    private async Task DeclareFullAsync()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Node.Url) }.CreateConnectionAsync(Token);
        var channel = await connection.CreateChannelAsync(cancellationToken: Token);
        await channel.QueueDeclareAsync(
            _queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" }, cancellationToken: Token);
    }
}
