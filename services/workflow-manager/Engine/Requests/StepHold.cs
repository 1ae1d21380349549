namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>What keeps a step that could go.</summary>
public enum StepHold
{
    None,

    /// <summary>Waiting: a permit was asked for and has not been given yet.</summary>
    Permit,

    /// <summary>
    /// Throttled: it holds a slot of its rate limit, or of the crowd after a throttle, and goes when that has come. A slot of a rate
    /// limit that comes while the gate is shut, or that is over when the manager sees to it, is missed and asked for again.
    /// </summary>
    Slot,

    /// <summary>Throttled: its worker asked everybody to wait; after that it needs a new permit.</summary>
    Closed,

    /// <summary>Waiting: somebody paused the step or the workflow.</summary>
    Paused,
}
