using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>Runs part of a request again: what failed or was cancelled, a named step, and all that follows from them.</summary>
internal static class Redrives
{
    public static void Redrive(Draft draft, RequestEvent.Redriven redriven)
    {
        if (draft.Count == 0 || RedriveRule.Refuse(draft.Definition, draft.Request, redriven.FromStep, redriven.KeepsItems) is not null)
            return;
        if (redriven.FromStep is { } named)
            draft.Tell(TimelineKind.Redriven, named, detail: redriven.By);
        else
            draft.Tell(TimelineKind.Redriven, redriven.By);
        var isReset = new bool[draft.Count];
        foreach (var step in draft.Graph.Order)
            isReset[step] = Reset(draft, step, isReset, redriven);
        draft.Change(draft.Request with
        {
            Status = RequestStatus.Running,
            FinishedAt = null,
            Failure = null,
            FailedStep = -1,
            CancelledBy = null,
            TimeoutAt = draft.Now + draft.Definition.Timeout,
            HeldSince = null,
        });
        foreach (var step in draft.Graph.Order)
        {
            if (Progress.CanStart(draft, step))
                Progress.Start(draft, step);
        }
    }

    private static bool Reset(Draft draft, int step, bool[] isReset, RequestEvent.Redriven redriven)
    {
        var named = redriven.FromStep;
        var state = draft[step];
        var hasOtherInput = false;
        foreach (var dependency in draft.Graph.Dependencies[step])
            hasOtherInput |= isReset[dependency];
        if (step != named && !hasOtherInput && state.Status is not (StepStatus.Failed or StepStatus.Cancelled))
            return false;
        OpenWork.Cancel(draft, step);
        // Replies still under way answer an input that the step may not have again, unless only the step itself had failed.
        var isOldReplyWelcome = step != named && !hasOtherInput;
        draft[step] = StepState.New with
        {
            Attempt = state.Attempt,
            FirstAttempt = isOldReplyWelcome ? state.FirstAttempt : state.Attempt + 1,
            LateAttempt = state.LateAttempt,
            IsAnew = step != named || !redriven.KeepsItems,
        };
        return true;
    }
}
