namespace Millrace.WorkflowManager.Engine.Requests;

public enum StepStatus
{
    /// <summary>Other steps come first, or a <see cref="StepHold"/> keeps it.</summary>
    Waiting,

    /// <summary>Sent, or its children run; no reply yet.</summary>
    Dispatched,

    /// <summary>An attempt failed; the next is due at <see cref="StepState.DueAt"/>.</summary>
    Retrying,

    /// <summary>Its turn comes at <see cref="StepState.DueAt"/>: a slot of a rate limit, or the end of a throttle.</summary>
    Throttled,

    Completed,

    /// <summary>Its <c>when</c> did not hold; its output is its input.</summary>
    Skipped,

    Failed,

    Cancelled,
}
