using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Engine.Reasons;

/// <summary>Every answer to "why does it not go on?". The codes are stable: people alert on them.</summary>
public static class WhyCodes
{
    /// <summary>Sent; a worker has it or will take it soon.</summary>
    public const string WaitingForReply = "waiting_for_reply";

    /// <summary>Sent, and nobody reads the queue.</summary>
    public const string NoConsumer = "no_consumer";

    /// <summary>Sent, and other messages lie before it in the queue.</summary>
    public const string Queued = "queued";

    /// <summary>The broker gave the message back: there is no such queue.</summary>
    public const string Unroutable = "unroutable";

    /// <summary>The broker refused the message: the queue is at its limit and rejects what comes. It is sent once there is room.</summary>
    public const string QueueFull = "queue_full";

    /// <summary>The broker does not confirm what is sent to the queue, as for one without a leader. It is sent once the queue is back.</summary>
    public const string QueueUnavailable = "queue_unavailable";

    /// <summary>Sent, and the queue is gone with all that lay in it: the step must be sent again.</summary>
    public const string QueueMissing = "queue_missing";

    /// <summary>The broker does not answer, so nothing is known of the queue.</summary>
    public const string BrokerUnreachable = "broker_unreachable";

    /// <summary>The message is on its way to the broker for longer than usual; its timeout has not begun.</summary>
    public const string NotSent = "not_sent";

    /// <summary>The reply's deadline has passed.</summary>
    public const string ReplyOverdue = "reply_overdue";

    /// <summary>Waits for its slot of the step's rate limit.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>A worker asked everybody to wait.</summary>
    public const string Throttled = "throttled";

    /// <summary>An attempt failed, the next one is due.</summary>
    public const string RetryScheduled = "retry_scheduled";

    /// <summary>Somebody paused the step or the workflow.</summary>
    public const string Paused = "paused";

    /// <summary>A task's items are on their way.</summary>
    public const string ChildrenRunning = "children_running";

    /// <summary>All items have ended; their outputs are being put together.</summary>
    public const string Gathering = "gathering";

    /// <summary>A step failed for good.</summary>
    public const string Failed = "failed";

    public const string Cancelled = "cancelled";

    /// <summary>It is stored in a way that this build can't read, as by a newer one; whatever it waits for is not known here.</summary>
    public const string Unreadable = "unreadable";

    /// <summary>The most telling first: with several branches open, the first of these is the answer.</summary>
    public static ImmutableArray<string> ByWeight { get; } =
    [
        Unreadable, Failed, Cancelled, Paused, Unroutable, QueueFull, QueueUnavailable, QueueMissing, BrokerUnreachable, NotSent, NoConsumer, ReplyOverdue, Throttled, RateLimited,
        RetryScheduled, ChildrenRunning, Gathering, Queued, WaitingForReply,
    ];
}
