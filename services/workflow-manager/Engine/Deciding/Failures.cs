using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>What a failed attempt leads to.</summary>
internal static class Failures
{
    /// <summary>The last attempt failed: try again later if the rule allows it.</summary>
    public static void FailAttempt(Draft draft, int step, StepFailure failure)
    {
        var rule = draft.Graph.Steps[step].Retry;
        var failures = draft[step].Failures + 1;
        draft[step] = draft[step] with { Failures = failures, Failure = failure };
        if (!rule.Allows(failure, failures))
        {
            FailStep(draft, step, failure);
            return;
        }
        var next = draft.Now + rule.DelayAfter(failures, draft.Request.Id, step);
        draft[step] = draft[step] with { Status = StepStatus.Retrying, Hold = StepHold.None, DueAt = next };
        draft.Tell(TimelineKind.Retried, step, failure, next);
    }

    /// <summary>The step failed for good. Other branches go on; the request fails when they have finished.</summary>
    public static void FailStep(Draft draft, int step, StepFailure failure, int? attempt = null)
    {
        OpenWork.Cancel(draft, step, attempt ?? draft[step].Attempt);
        draft[step] = draft[step] with
        {
            Status = StepStatus.Failed,
            Hold = StepHold.None,
            DueAt = null,
            FinishedAt = draft.Now,
            Failure = failure,
        };
        draft.Tell(TimelineKind.Failed, step, failure, attempt: attempt);
        if (draft.Request.Failure is null)
            draft.Change(draft.Request with { Failure = failure, FailedStep = step });
    }
}
