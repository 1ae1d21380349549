using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>Acts on everything that is due. A timer that fires early, late or twice does no harm.</summary>
internal static class Timers
{
    public static void Fire(Draft draft)
    {
        if (draft.Request.IsFinished)
            return;
        if (draft.Request.TimeoutAt <= draft.Now)
        {
            Endings.TimeOut(draft);
            return;
        }
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step].DueAt <= draft.Now)
                Fire(draft, step);
        }
    }

    /// <summary>A pause is over for this request.</summary>
    public static void Resume(Draft draft)
    {
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step].Hold == StepHold.Paused)
                Progress.Go(draft, step, hasSlot: false);
        }
    }

    public static void Grant(Draft draft, RequestEvent.PermitGranted granted)
    {
        if (!draft.IsStep(granted.Step) || draft[granted.Step].Hold != StepHold.Permit)
            return;
        if (granted.NotBefore <= draft.Now)
            Progress.Go(draft, granted.Step, hasSlot: true);
        else
            Progress.Reserve(draft, granted.Step, granted.NotBefore);
    }

    private static void Fire(Draft draft, int step)
    {
        var state = draft[step];
        if (state.Status != StepStatus.Dispatched)
        {
            Progress.Go(draft, step, hasSlot: state.Hold == StepHold.Slot);
            return;
        }
        var failure = new StepFailure(
            FailureTypes.Timeout, $"Step '{draft.Graph.Steps[step].Name}' got no reply within its timeout.", Transient: true);
        if (state.Task is null)
            Failures.FailAttempt(draft, step, failure);
        else
            Failures.FailStep(draft, step, failure);
    }
}
