namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>What a timeline tells; shown as snake_case (<see cref="TimelineKindNames"/>). Append only: numbers are stored.</summary>
public enum TimelineKind
{
    /// <summary>The request began.</summary>
    Accepted,

    /// <summary>An attempt was sent, or a task's children were started (detail: how many items).</summary>
    Dispatched,

    /// <summary>A step completed (detail: <c>from cache</c>), or without a step the request.</summary>
    Completed,

    /// <summary>A step failed for good, or without a step the request.</summary>
    Failed,

    /// <summary>An attempt failed and the next follows at <c>Until</c>.</summary>
    Retried,

    /// <summary>A worker asked to wait until <c>Until</c>, or the step's gate is closed until then.</summary>
    Throttled,

    /// <summary>The step holds the slot of its rate limit at <c>Until</c>.</summary>
    RateLimited,

    /// <summary>The step could go but is paused.</summary>
    Held,

    /// <summary>Its <c>when</c> did not hold.</summary>
    Skipped,

    /// <summary>The request was cancelled (detail: by whom).</summary>
    Cancelled,

    /// <summary>The request's timeout has passed.</summary>
    TimedOut,

    /// <summary>A reply came when nobody waited for it any more.</summary>
    LateReply,

    /// <summary>A reply named a step that this request does not have (detail: its name).</summary>
    UnknownReply,

    /// <summary>The same key came again with another payload.</summary>
    Conflict,

    /// <summary>Started again, from the step or from what had failed (detail: by whom).</summary>
    Redriven,
}
