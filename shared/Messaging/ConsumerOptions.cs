using System.ComponentModel.DataAnnotations;

namespace Millrace.Messaging;

/// <summary>How one queue is consumed.</summary>
public sealed record ConsumerOptions
{
    /// <summary>As <see cref="DeliveryLimit"/>: no message is dead-lettered for having been delivered often.</summary>
    public const int NoDeliveryLimit = 0;

    internal const int MaxDeliveryLimit = 1_000;

    [Required]
    public required string Queue { get; init; }

    /// <summary>Durable topic exchanges that the queue is bound to, each with its routing pattern.</summary>
    public IReadOnlyList<(string Exchange, string Pattern)> Bindings { get; init; } = [];

    /// <summary>Messages in progress at once, from 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int Prefetch { get; init; } = 200;

    /// <summary>
    /// Of a queue's consumers those with the highest are given messages as long as they have room, the others what is over. From 0 to 10.
    /// </summary>
    [Range(0, 10)]
    public int Priority { get; init; }

    /// <summary>Deliveries of one message before it is dead-lettered, from 1 to 1,000, or <see cref="NoDeliveryLimit"/>.</summary>
    [Range(NoDeliveryLimit, MaxDeliveryLimit)]
    public int DeliveryLimit { get; init; } = 20;

    /// <summary>
    /// Called instead of the handler with what the broker has delivered so many times without an acknowledgement, as it does with a message that
    /// ends the process of whoever takes it. Calls that throw are not counted to it. Classic queues do not count (see the README).
    /// </summary>
    public (int Deliveries, Func<IncomingMessage, CancellationToken, Task> Handle)? Suspects { get; init; }

    /// <summary>First pause after a handler has thrown; it doubles with each delivery up to <see cref="MaxRedeliveryDelayMs"/>.</summary>
    [Range(1, 600_000)]
    public int RedeliveryDelayMs { get; init; } = 100;

    [Range(1, 600_000)]
    public int MaxRedeliveryDelayMs { get; init; } = 2_000;

    /// <summary>How long handlers in progress may take to end once the consumer is disposed; then they are cancelled. From 0 to 3,600.</summary>
    [Range(0, 3_600)]
    public double DrainLimitSeconds { get; init; } = 30;

    /// <summary>False: the queue lives only as long as this consumer and is its own.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>Told true each time the broker has the consumer, false each time it is lost: a queue that is not durable is then gone.</summary>
    public Action<bool>? Attached { get; init; }
}
