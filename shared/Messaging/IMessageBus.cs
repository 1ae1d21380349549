namespace Millrace.Messaging;

/// <summary>
/// The bus as the rest of the house sees it: durable queues and topic exchanges, raw bodies, confirmed sends,
/// acknowledgement after the handler. RabbitMQ and the in-memory transport stand behind it.
/// </summary>
public interface IMessageBus : IAsyncDisposable
{
    /// <summary>What is connected, without credentials.</summary>
    string Description { get; }

    /// <summary>True while messages can be sent and consumers are attached.</summary>
    bool IsHealthy { get; }

    /// <summary>Larger bodies are not sent.</summary>
    int MaxBodyBytes { get; }

    /// <summary>Connects; waits for the broker as long as the token allows.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Sends and waits for the broker's word on each message. Messages of one call that go to the same queue keep their order.
    /// </summary>
    /// <returns>One outcome a message, in order; a lost connection is an outcome, not an exception.</returns>
    Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a received message on under our own rights, whole: its properties and headers keep their types. What its sender wrote to
    /// route it further, to let it expire or to name a user stands in headers <c>x-original-...</c>, without effect.
    /// </summary>
    /// <param name="headers">Set on it; null takes one away.</param>
    Task<SendOutcome> ForwardAsync(
        IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken);

    /// <summary>Declares a durable queue, so that nothing sent to it is lost before its first consumer starts.</summary>
    Task DeclareQueueAsync(string queue, CancellationToken cancellationToken);

    /// <summary>
    /// Attaches a consumer. A message is acknowledged when its handler returns; when the handler throws it is put back
    /// and delivered again after a pause, up to the delivery limit, then dead-lettered with the reason.
    /// </summary>
    /// <returns>Disposing stops new deliveries, waits for the handlers in progress and leaves.</returns>
    Task<IAsyncDisposable> ConsumeAsync(
        ConsumerOptions options, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken);

    /// <summary>
    /// Looks at what waits in a queue, from the first message on, one after another, each before the next one is fetched. What is looked
    /// at is away from other readers until the look ends.
    /// </summary>
    /// <param name="see">Says what becomes of each; what it throws ends the look, and all messages go back.</param>
    /// <exception cref="IOException">The broker went away. What was to be taken may have gone back.</exception>
    Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken);

    /// <summary>How many messages wait and how many consumers are attached; null if the queue does not exist.</summary>
    Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken);
}

/// <param name="Messages">Ready to be delivered.</param>
public sealed record QueueDepth(string Queue, long Messages, int Consumers);
