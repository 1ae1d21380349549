namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>
/// What the manager must do once the state that asks for it is saved. Doing it twice is harmless: every answer is recognised.
/// </summary>
public abstract record Effect
{
    /// <summary>Send the step's input (<see cref="Bodies.StepInput"/>) to its queue, or answer from the step's cache.</summary>
    public sealed record DispatchStep(int Step, int Attempt) : Effect;

    /// <summary>Reserve a slot of the step's rate limit, for whoever has a <see cref="StepState.MissedSlot"/> before the line, and answer
    /// with <see cref="RequestEvent.PermitGranted"/>; or answer from the step's cache with <see cref="RequestEvent.StepCompleted"/> and
    /// spend no permit.</summary>
    public sealed record AcquirePermit(int Step) : Effect;

    /// <summary>Accept children with <see cref="Bodies.ChildInputs"/>; their ids derive from <see cref="ParentPlace.NameOf"/>.</summary>
    public sealed record StartChildren(int Step, int Attempt, int FromIndex, int Count) : Effect;

    /// <summary>Tell the workers of the step's queue that nobody waits any more for what lies there of this attempt or earlier ones.</summary>
    public sealed record CancelDispatch(int Step, int Attempt) : Effect;

    /// <summary>Cancel those of the first <paramref name="Count"/> children that still run.</summary>
    public sealed record CancelChildren(int Step, int Attempt, int Count) : Effect;

    /// <summary>Feed all children to <see cref="Bodies.Gather"/> and answer with <see cref="RequestEvent.ChildrenGathered"/>.</summary>
    public sealed record GatherChildren(int Step, int Attempt) : Effect;

    /// <summary>A top-level request has ended: publish its final view, with <see cref="Bodies.RequestResult"/>.</summary>
    public sealed record FinishRequest : Effect;

    /// <summary>A child has ended: tell its parent by <see cref="RequestEvent.ChildFinished"/>.</summary>
    public sealed record NotifyParent(ParentPlace Place, bool Failed) : Effect;
}
