using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Something that happened to a request; steps are indexes into its graph.</summary>
/// <param name="At">When, as the manager saw it: the engine's only clock.</param>
public abstract record RequestEvent(DateTimeOffset At)
{
    /// <summary>
    /// Gates that are shut now, indexed like the request's steps; default: none is. What becomes ready while its gate is shut
    /// is held and not dispatched. So pausing a workflow touches no request that has nothing to send.
    /// </summary>
    public ImmutableArray<StepGate> Gates { get; init; }

    /// <summary>A post came in, or a parent starts a child. Applied to <see cref="RequestState.None"/> it makes the request; a
    /// second one is a duplicate, or with another payload a conflict that is recorded and changes nothing.</summary>
    public sealed record Accepted(DateTimeOffset At, Guid Id, ReadOnlyMemory<byte> Input) : RequestEvent(At)
    {
        public int? Priority { get; init; }

        /// <summary><see cref="WorkflowDefinition.TopScope"/>, or the index of the task for a child.</summary>
        public int Scope { get; init; } = WorkflowDefinition.TopScope;

        public ParentPlace? Parent { get; init; }

        /// <summary>Of a child: when its parent stops to wait, for workers to know.</summary>
        public DateTimeOffset? Deadline { get; init; }
    }

    /// <summary>A worker replied, or a cache knew the answer.</summary>
    /// <param name="Attempt">Null if the worker does not say: then the reply is to the last attempt. From a cache: the step's last
    /// attempt when the cache was asked, 0 before the first.</param>
    /// <param name="Output">UTF-8 JSON object; empty means <c>{}</c>.</param>
    public sealed record StepCompleted(DateTimeOffset At, int Step, int? Attempt, ReadOnlyMemory<byte> Output) : RequestEvent(At)
    {
        /// <summary>The caller has parsed the output and found one JSON object, so the engine need not.</summary>
        public bool IsChecked { get; init; }

        /// <summary>The step's cache knew the output; it counts also while the step waits for a permit, and only for its attempt.</summary>
        public bool FromCache { get; init; }
    }

    /// <summary>A worker said that the attempt failed.</summary>
    public sealed record StepFailed(DateTimeOffset At, int Step, int? Attempt, StepFailure Failure) : RequestEvent(At);

    /// <summary>A worker was told by its upstream to wait. It is no failed attempt.</summary>
    /// <param name="Reason">Why, if the worker says so.</param>
    public sealed record StepThrottled(DateTimeOffset At, int Step, int? Attempt, TimeSpan RetryAfter, string? Reason = null) : RequestEvent(At);

    /// <summary>A reply that names no step of this request.</summary>
    public sealed record UnknownReply(DateTimeOffset At, string Step) : RequestEvent(At);

    /// <summary>The answer to <see cref="Effect.AcquirePermit"/>.</summary>
    /// <param name="NotBefore">The slot; if it has come, the step is dispatched at once.</param>
    /// <param name="Round">Of those who missed a slot; 0: in the line.</param>
    public sealed record PermitGranted(DateTimeOffset At, int Step, DateTimeOffset NotBefore, long Round = 0) : RequestEvent(At)
    {
        /// <summary>As in <see cref="TimerFired"/>.</summary>
        public TimeSpan UsualDelay { get; init; }
    }

    /// <summary>A child has ended.</summary>
    /// <param name="Attempt">Of the task step, from the child's <see cref="ParentPlace"/>.</param>
    /// <param name="Failed">It ended other than completed.</param>
    public sealed record ChildFinished(DateTimeOffset At, int Step, int Attempt, int Index, bool Failed) : RequestEvent(At);

    /// <summary>The answer to <see cref="Effect.GatherChildren"/>: exactly one of output and failure counts.</summary>
    /// <param name="Output">Made by <see cref="Bodies.Gather"/>.</param>
    public sealed record ChildrenGathered(
        DateTimeOffset At, int Step, int Attempt, ReadOnlyMemory<byte> Output, StepFailure? Failure = null) : RequestEvent(At);

    /// <summary>Act on everything that is due at <see cref="RequestEvent.At"/>.</summary>
    public sealed record TimerFired(DateTimeOffset At) : RequestEvent(At)
    {
        /// <summary>How late timers are without anything being wrong; a slot that is later than that is missed.</summary>
        public TimeSpan UsualDelay { get; init; }

        /// <summary>
        /// Steps, indexed like the request's, whose last attempt is perhaps still on its way to the broker; default: none is. Such an
        /// attempt is not failed by its timer, which begins anew.
        /// </summary>
        public ImmutableArray<bool> Unsent { get; init; }
    }

    /// <summary>The broker has confirmed the attempt later than usual: no worker had it before, so its timeout counts from now.</summary>
    public sealed record StepSent(DateTimeOffset At, int Step, int Attempt) : RequestEvent(At);

    /// <summary>The attempt is still on its way to the broker: its timer is put off, and <see cref="StepSent"/> will set it.</summary>
    /// <param name="AtLeast">For so long, if the step's timeout is shorter.</param>
    public sealed record StepUnsent(DateTimeOffset At, int Step, int Attempt, TimeSpan AtLeast) : RequestEvent(At);

    /// <summary>
    /// The slot of its rate limit was over before the broker had the attempt: sent now it would leave together with others, so the step asks
    /// for another. The attempt may have been sent all the same, and its reply counts.
    /// </summary>
    public sealed record StepMissed(DateTimeOffset At, int Step, int Attempt) : RequestEvent(At);

    /// <summary>Look again at everything that a pause holds, or a slot that is void (<see cref="StepGate.Void"/>).</summary>
    public sealed record Resumed(DateTimeOffset At) : RequestEvent(At);

    /// <param name="By">Who asked for it.</param>
    public sealed record Cancelled(DateTimeOffset At, string By) : RequestEvent(At);

    /// <summary>
    /// Run again: the failed and the cancelled steps, or a named step whatever became of it; and with it everything downstream.
    /// <see cref="RedriveRule"/> says when this is refused; then nothing changes.
    /// </summary>
    /// <param name="FromStep">Null: from what failed or was cancelled.</param>
    /// <param name="By">Who asked for it.</param>
    public sealed record Redriven(DateTimeOffset At, int? FromStep, string By) : RequestEvent(At)
    {
        /// <summary>The named step runs a task, and of its items only those that did not complete are run again.</summary>
        public bool KeepsItems { get; init; }
    }
}
