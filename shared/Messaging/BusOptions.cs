using System.ComponentModel.DataAnnotations;

namespace Millrace.Messaging;

public enum QueueType
{
    /// <summary>Confirms without waiting for the disk.</summary>
    Classic,

    /// <summary>Replicated; confirms after the disk. Counts deliveries across crashes of consumers.</summary>
    Quorum,
}

/// <summary>The limits of a bus. The broker's URL may override those it names; see <see cref="BusFactory"/>.</summary>
public sealed record BusOptions
{
    /// <summary>How the broker's list of connections calls this program.</summary>
    [Required, StringLength(100)]
    public string ConnectionName { get; init; } = "millrace";

    /// <summary>Of the durable queues declared here; one that exists with another type is used as it is.</summary>
    public QueueType QueueType { get; init; } = QueueType.Classic;

    /// <summary>Classic queues declared here deliver higher priorities first, up to this one, from 0 to 9; 0: in the order of sending. A
    /// worker that declares its queue itself, as foreign ones do, must then ask for the same <c>x-max-priority</c>.</summary>
    [Range(0, 9)]
    public int MaxPriority { get; init; }

    /// <summary>From 1 to 300. A connection is given up after two without a sign of life.</summary>
    [Range(1, 300)]
    public int HeartbeatSeconds { get; init; } = 10;

    /// <summary>Messages sent and not yet confirmed, from 1 to 4,096.</summary>
    [Range(1, 4_096)]
    public int MaxInFlight { get; init; } = 256;

    /// <summary>Bodies sent and not yet confirmed, in bytes. One message alone may be larger.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int MaxInFlightBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long one send may take, waiting for a lost connection or a blocked broker included.</summary>
    [Range(10, 600_000)]
    public int SendTimeoutMs { get; init; } = 30_000;

    /// <summary>Larger messages are not sent, and are dead-lettered when received. At least what an error reply may take.</summary>
    [Range(16 * 1024, 128 * 1024 * 1024)]
    public int MaxBodyBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Bodies that one consumer's handlers hold, in bytes; then the next ones wait. One message alone may be larger.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public int MaxHeldBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>First pause before connecting again; it doubles up to <see cref="MaxReconnectDelayMs"/>.</summary>
    [Range(1, 60_000)]
    public int ReconnectDelayMs { get; init; } = 100;

    [Range(1, 60_000)]
    public int MaxReconnectDelayMs { get; init; } = 2_000;

    /// <summary>In memory: bodies that wait in one queue, in bytes; then senders wait.</summary>
    [Range(64 * 1024, int.MaxValue)]
    public int MaxQueueBytes { get; init; } = 256 * 1024 * 1024;

    /// <summary>In memory: messages that wait in one queue; then senders wait.</summary>
    [Range(1, 10_000_000)]
    public int MaxQueueMessages { get; init; } = 100_000;
}
