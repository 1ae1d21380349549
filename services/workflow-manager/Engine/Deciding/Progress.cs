using System.Text.Json;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>How a step gets from waiting to dispatched, and from there to its end.</summary>
internal static class Progress
{
    /// <summary>Everything that the step needs is done.</summary>
    public static void Start(Draft draft, int step)
    {
        if (IsWanted(draft, step))
            Go(draft, step, hasSlot: false);
        else
            Skip(draft, step);
    }

    /// <summary>
    /// Dispatches the step, unless its gate is shut or it needs a permit first. Who needs a permit asks for it also while a worker's
    /// word holds all back: slots then lie after it, in the order in which they were asked for.
    /// </summary>
    /// <param name="hasSlot">The slot of its rate limit has come.</param>
    public static void Go(Draft draft, int step, bool hasSlot)
    {
        var definition = draft.Graph.Steps[step];
        var gate = draft.GateOf(step);
        if (gate.IsPaused)
            Hold(draft, step, gate.Until);
        else if (definition.RateLimit is not null && (!hasSlot || gate.IsShut(draft.Now)))
            AskPermit(draft, step);
        else if (gate.Until > draft.Now)
            Close(draft, step, gate.Until.Value);
        else if (definition.Task is not null)
            TaskProgress.Start(draft, step);
        else if (gate.IsCrowded && !hasSlot)
            AskPermit(draft, step);
        else
            Dispatch(draft, step);
    }

    public static void Complete(
        Draft draft, int step, ReadOnlyMemory<byte> output, string? detail = null, int? attempt = null)
    {
        OpenWork.Cancel(draft, step, attempt ?? draft[step].Attempt);
        draft[step] = draft[step] with
        {
            Status = StepStatus.Completed,
            Hold = StepHold.None,
            DueAt = null,
            FinishedAt = draft.Now,
            Output = output,
        };
        draft.Tell(TimelineKind.Completed, step, detail: detail, attempt: attempt);
        StartDependents(draft, step);
    }

    /// <summary>The step holds the slot of its rate limit and waits for it.</summary>
    public static void Reserve(Draft draft, int step, DateTimeOffset slot, long round)
    {
        var repeat = draft[step].Slots + 1;
        draft[step] = draft[step] with { Status = StepStatus.Throttled, Hold = StepHold.Slot, DueAt = slot, Round = round, Slots = repeat };
        if (Draft.IsWorthTelling(repeat))
            draft.Tell(TimelineKind.RateLimited, step, until: slot);
    }

    /// <summary>The step was dispatched in its slot and could not leave in it.</summary>
    public static void AskAgain(Draft draft, int step)
    {
        draft[step] = draft[step] with { MissedSlot = draft[step].DispatchedAt };
        AskPermit(draft, step);
    }

    /// <summary>Everything queued for the step waits until then; afterwards it needs a new permit.</summary>
    /// <param name="reason">Why a worker asked this step to wait; null where the step was not sent.</param>
    public static void Close(Draft draft, int step, DateTimeOffset until, string? reason = null)
    {
        var repeat = draft[step].Throttles + 1;
        draft[step] = draft[step] with
        {
            Status = StepStatus.Throttled,
            Hold = StepHold.Closed,
            DueAt = until,
            Throttles = repeat,
            ThrottleReason = reason,
        };
        if (Draft.IsWorthTelling(repeat))
            draft.Tell(TimelineKind.Throttled, step, until: until, detail: reason);
    }

    private static bool IsWanted(Draft draft, int step)
    {
        var conditions = draft.Graph.Steps[step].When;
        if (conditions.IsEmpty)
            return true;
        var input = StepInput.Of(draft.Definition, draft.Snapshot, step);
        using var document = JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = JsonProperties.MaxDepth });
        foreach (var condition in conditions)
        {
            if (!condition.Holds(document.RootElement))
                return false;
        }
        return true;
    }

    private static void Skip(Draft draft, int step)
    {
        draft[step] = draft[step] with { Status = StepStatus.Skipped, FinishedAt = draft.Now };
        draft.Tell(TimelineKind.Skipped, step);
        StartDependents(draft, step);
    }

    private static void Hold(Draft draft, int step, DateTimeOffset? lookAgain)
    {
        var isHeld = draft[step].Hold == StepHold.Paused;
        if (isHeld && draft[step].DueAt == lookAgain)
            return;
        if (!isHeld)
            draft.Tell(TimelineKind.Held, step);
        var missed = MissedSlot(draft, step);
        draft[step] = draft[step] with { Status = StepStatus.Waiting, Hold = StepHold.Paused, DueAt = lookAgain, MissedSlot = missed };
    }

    private static void AskPermit(Draft draft, int step)
    {
        var missed = MissedSlot(draft, step);
        draft[step] = draft[step] with { Status = StepStatus.Waiting, Hold = StepHold.Permit, DueAt = null, MissedSlot = missed };
        draft.Ask(new Effect.AcquirePermit(step));
    }

    /// <summary>Whom a worker sent back had a slot as well, and used it in vain.</summary>
    private static DateTimeOffset? MissedSlot(Draft draft, int step)
    {
        var state = draft[step];
        var hadSlot = draft.Graph.Steps[step].RateLimit is not null && state.Hold is StepHold.Slot or StepHold.Closed;
        return hadSlot ? state.DueAt : state.MissedSlot;
    }

    private static void Dispatch(Draft draft, int step)
    {
        var attempt = draft[step].Attempt + 1;
        draft[step] = draft[step] with
        {
            Status = StepStatus.Dispatched,
            Hold = StepHold.None,
            Attempt = attempt,
            StartedAt = draft[step].StartedAt ?? draft.Now,
            DispatchedAt = draft.Now,
            DueAt = draft.Now + draft.Graph.Steps[step].Timeout,
            MissedSlot = null,
            ThrottleReason = null,
            Round = 0,
        };
        if (Draft.IsWorthTelling(attempt))
            draft.Tell(TimelineKind.Dispatched, step);
        draft.Ask(new Effect.DispatchStep(step, attempt));
    }

    private static void StartDependents(Draft draft, int step)
    {
        foreach (var dependent in draft.Graph.Dependents[step])
        {
            if (CanStart(draft, dependent))
                Start(draft, dependent);
        }
    }

    public static bool CanStart(Draft draft, int step)
    {
        if (draft[step].Status != StepStatus.Waiting || draft[step].Hold != StepHold.None)
            return false;
        foreach (var dependency in draft.Graph.Dependencies[step])
        {
            if (!draft[dependency].IsDone)
                return false;
        }
        return true;
    }
}
