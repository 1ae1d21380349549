namespace Millrace.Messaging;

/// <summary>What a message carries beside its body.</summary>
public sealed record MessageProperties
{
    public static MessageProperties Empty { get; } = new();

    public string? ContentType { get; init; }

    /// <summary>Free-form.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>The queue that a reply goes to through the default exchange.</summary>
    public string? ReplyTo { get; init; }

    public string? MessageId { get; init; }

    /// <summary>Who sent it.</summary>
    public string? AppId { get; init; }

    /// <summary>0 (default) to 9.</summary>
    public byte Priority { get; init; }

    /// <summary>Header values as text; names compare without case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = System.Collections.Frozen.FrozenDictionary<string, string>.Empty;
}

/// <summary>A persistent message to send.</summary>
/// <param name="Exchange">Empty for the default exchange, where the routing key is the queue's name.</param>
/// <param name="Mandatory">True: a message that reaches no queue comes back as <see cref="SendOutcomeKind.Unroutable"/>.</param>
public sealed record OutgoingMessage(
    string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, MessageProperties Properties, bool Mandatory = true);

/// <summary>A message as it came, whatever its content type.</summary>
/// <param name="Body">Valid until the handler returns.</param>
/// <param name="DeliveryCount">How often it was delivered before, as far as the transport knows; 0 the first time.</param>
public sealed record IncomingMessage(
    string Queue, string Exchange, string RoutingKey, ReadOnlyMemory<byte> Body, MessageProperties Properties, int DeliveryCount)
{
    /// <summary>The properties in the transport's own terms, where these have more than <see cref="Properties"/> can say.</summary>
    internal object? Original { get; init; }
}

public enum SendOutcomeKind
{
    /// <summary>The broker has it on durable queues.</summary>
    Confirmed,

    /// <summary>No queue takes it.</summary>
    Unroutable,

    /// <summary>Refused, or the connection was lost before the confirm: it may or may not have arrived.</summary>
    Unknown,
}

/// <summary>What an unknown outcome says against the message's queue; the messages for others need not wait for it.</summary>
public enum QueueFault
{
    /// <summary>Nothing: the broker or the connection has failed, or the message has arrived.</summary>
    None,

    /// <summary>The broker refused the message: the queue is at its limit and rejects what comes, or its process has failed.</summary>
    Full,

    /// <summary>The broker is there and did not confirm within the time of a send, as for a quorum queue without a leader.</summary>
    Silent,
}

/// <param name="Fault">With <see cref="SendOutcomeKind.Unknown"/> alone.</param>
public readonly record struct SendOutcome(SendOutcomeKind Kind, string? Reason = null, QueueFault Fault = QueueFault.None)
{
    public static SendOutcome Confirmed => new(SendOutcomeKind.Confirmed);
}
