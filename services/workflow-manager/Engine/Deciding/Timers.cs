using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>Acts on everything that is due. A timer that fires early, late or twice does no harm.</summary>
internal static class Timers
{
    public static void Fire(Draft draft, RequestEvent.TimerFired fired)
    {
        if (draft.Request.IsFinished)
            return;
        if (draft.Request.HeldSince is null && draft.Request.TimeoutAt <= draft.Now)
        {
            if (!HeldTime.MayItemsBeHeld(draft))
            {
                Endings.TimeOut(draft);
                return;
            }
            draft.Change(draft.Request with { TimeoutAt = draft.Now + draft.Definition.Timeout });
        }
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step].DueAt <= draft.Now)
                Fire(draft, step, fired);
        }
    }

    /// <summary>A pause is over for this request, or a line that it stands in was closed up.</summary>
    public static void Resume(Draft draft)
    {
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step] is { Hold: StepHold.Paused, Status: StepStatus.Dispatched })
                TaskProgress.TopUp(draft, step);
            else if (draft[step].Hold == StepHold.Paused || HoldsVoidSlot(draft, step))
                Progress.Go(draft, step, hasSlot: false);
        }
    }

    public static void Grant(Draft draft, RequestEvent.PermitGranted granted)
    {
        if (!draft.IsStep(granted.Step) || draft[granted.Step].Hold != StepHold.Permit)
            return;
        var isNow = granted.NotBefore <= draft.Now && !IsOver(draft, granted.Step, granted.NotBefore, granted.UsualDelay);
        if (isNow && !draft.GateOf(granted.Step).IsShut(draft.Now))
            Progress.Go(draft, granted.Step, hasSlot: true);
        else
            Progress.Reserve(draft, granted.Step, granted.NotBefore, granted.Round);
    }

    private static void Fire(Draft draft, int step, RequestEvent.TimerFired fired)
    {
        var state = draft[step];
        if (state.Status != StepStatus.Dispatched)
        {
            Progress.Go(draft, step, hasSlot: state.Hold == StepHold.Slot && !HasMissed(draft, step, fired.UsualDelay));
            return;
        }
        if (state.Task is null && !fired.Unsent.IsDefault && fired.Unsent[step])
        {
            HandOvers.BeginAnew(draft, step);
            return;
        }
        var failure = new StepFailure(
            FailureTypes.Timeout, $"Step '{draft.Graph.Steps[step].Name}' got no reply within its timeout.", Transient: true);
        if (state.Task is null)
            Failures.FailAttempt(draft, step, failure);
        else
            Failures.FailStep(draft, step, failure);
    }

    /// <summary>The slot that the step holds is over, or others are let through first. Of a newer round than is known here it is good.</summary>
    private static bool HasMissed(Draft draft, int step, TimeSpan usualDelay) =>
        IsOver(draft, step, draft[step].DueAt, usualDelay)
        || (draft.Graph.Steps[step].RateLimit is not null && draft.GateOf(step).Round is { } round && round > draft[step].Round);

    private static bool HoldsVoidSlot(Draft draft, int step) =>
        draft[step].Hold == StepHold.Slot && draft.Graph.Steps[step].RateLimit is not null && draft[step].Round <= draft.GateOf(step).Void;

    /// <summary>It is so late that whoever holds the next slots would leave together with it.</summary>
    private static bool IsOver(Draft draft, int step, DateTimeOffset? slot, TimeSpan usualDelay) =>
        draft.Graph.Steps[step].RateLimit is { } limit && draft.Now - slot > limit.Interval + usualDelay;
}
