namespace Millrace.Contracts;

/// <summary>The names on the wire: exchanges, queues and headers that any AMQP client may use.</summary>
public static class Wire
{
    /// <summary>Durable topic exchange; routing key = workflow name; body = one JSON object or an array of them.</summary>
    public const string IngestExchange = "ingest";

    /// <summary>Durable topic exchange; routing key = <c>workflow.status</c>; body = the request's final view.</summary>
    public const string ResultsExchange = "results";

    /// <summary>
    /// Durable topic exchange; routing key = a step's queue; body = array of <see cref="CancelledDispatch"/>: messages that need not
    /// be worked on.
    /// </summary>
    public const string CancellationsExchange = "cancellations";

    /// <summary>
    /// Durable queue on which managers are asked, by an array of <see cref="CancelledDispatch"/>, which messages need not be worked
    /// on; the reply is the array of those.
    /// </summary>
    public const string WantedQueue = "millrace-wanted";

    /// <summary>Durable queue of whole messages that could not be understood, each with a header <see cref="ReasonHeader"/>.</summary>
    public const string DeadLetterQueue = "dead-letter";

    /// <summary>Durable queue bound to <see cref="IngestExchange"/> with <c>#</c>, read by every manager.</summary>
    public const string IngestQueue = "millrace-ingest";

    /// <summary>Durable topic exchange to which a manager hands a post for a workflow that it does not know; routing key = workflow name.</summary>
    public const string UnknownExchange = "ingest-unknown";

    /// <summary>Durable queue bound to <see cref="UnknownExchange"/> with <c>#</c>, read by every manager: posts that wait for their workflow.</summary>
    public const string UnknownQueue = "millrace-unknown";

    /// <summary>Topic exchange for what a manager puts aside because it may end the process of whoever takes it; routing keys as they were.</summary>
    public const string SuspectsExchange = "millrace-suspects";

    /// <summary>Durable queue bound to <see cref="SuspectsExchange"/> with <c>#</c>, of which every manager reads one message at a time.</summary>
    public const string SuspectsQueue = "millrace-suspects";

    /// <summary>Durable queue to which workers reply, the first of <see cref="ReplyQueueOf"/>. Every manager reads all of them.</summary>
    public const string ReplyQueue = "workflow-manager";

    /// <summary>So many managers on one store have a reply queue of their own; more share them.</summary>
    public const int MaxReplyQueues = 8;

    public const string JsonContentType = "application/json";

    /// <summary>The queue that a message of <see cref="SuspectsQueue"/> was taken from.</summary>
    public const string SuspectOfHeader = "suspect-of";

    /// <summary>The number of this dispatch of the step, from 1.</summary>
    public const string AttemptHeader = "attempt";

    /// <summary>ISO 8601 UTC time after which nobody waits for the reply.</summary>
    public const string DeadlineHeader = "deadline";

    /// <summary>On a step's message: the workflow's name.</summary>
    public const string WorkflowHeader = "workflow";

    /// <summary>W3C trace context.</summary>
    public const string TraceParentHeader = "traceparent";

    /// <summary>Number of items in a batched step message; its presence makes the message a batch.</summary>
    public const string BatchHeader = "batch";

    /// <summary>On a reply: JSON <c>{"type","message"}</c>; the step failed for good unless it says <c>"transient": true</c>.</summary>
    public const string ErrorHeader = "error";

    /// <summary>On a reply: the worker asks that everything queued for the step waits this many seconds.</summary>
    public const string RetryAfterHeader = "retryAfterSeconds";

    /// <summary>On a post that waits for its workflow: since when, ISO 8601 UTC.</summary>
    public const string UnknownSinceHeader = "unknown-since";

    /// <summary>On a reply with <see cref="RetryAfterHeader"/>: why, for a person; may be missing.</summary>
    public const string RetryReasonHeader = "retryReason";

    /// <summary>On a dead letter: why it is there.</summary>
    public const string ReasonHeader = "reason";

    /// <summary>
    /// On an ingested post: the sender's own id of the request, a UUID. One of version 5, or one that another workflow's request has, is
    /// derived from instead.
    /// </summary>
    public const string RequestIdHeader = "request-id";

    /// <param name="number">From 0, below <see cref="MaxReplyQueues"/>.</param>
    public static string ReplyQueueOf(int number) => number == 0 ? ReplyQueue : $"{ReplyQueue}.{number}";

    public static bool IsReplyQueue(string? queue) => queue is not null && Enumerable.Range(0, MaxReplyQueues).Any(number => ReplyQueueOf(number) == queue);
}
