using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>How a request ends: when nothing of it is open any more, by its timeout, or by hand.</summary>
internal static class Endings
{
    /// <summary>Ends the request if nothing more can happen to it.</summary>
    public static void Settle(Draft draft)
    {
        if (draft.Request.IsFinished || draft.Count == 0)
            return;
        var hasFailed = false;
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step].IsActive)
                return;
            hasFailed |= draft[step].Status == StepStatus.Failed;
        }
        CloseSteps(draft);
        Finish(draft, hasFailed ? RequestStatus.Failed : RequestStatus.Completed);
        draft.Tell(hasFailed ? TimelineKind.Failed : TimelineKind.Completed, failure: hasFailed ? draft.Request.Failure : null);
    }

    public static void TimeOut(Draft draft)
    {
        if (draft.Request.Failure is null)
        {
            var open = FirstActive(draft);
            draft.Change(draft.Request with
            {
                FailedStep = open,
                Failure = new StepFailure(
                    FailureTypes.Timeout, $"The request's timeout has passed while step '{draft.Graph.Steps[open].Name}' was open.{Wait(draft, open)}"),
            });
        }
        draft.Tell(TimelineKind.TimedOut);
        CloseSteps(draft);
        Finish(draft, RequestStatus.Failed);
        draft.Tell(TimelineKind.Failed, failure: draft.Request.Failure);
    }

    public static void Cancel(Draft draft, string by)
    {
        if (draft.Request.IsFinished || draft.Count == 0)
            return;
        CloseSteps(draft);
        draft.Change(draft.Request with { CancelledBy = by });
        Finish(draft, RequestStatus.Cancelled);
        draft.Tell(TimelineKind.Cancelled, detail: by);
    }

    private static string Wait(Draft draft, int step) =>
        (draft[step].ThrottleReason ?? draft.GateOf(step).Reason) is { } reason ? $" A worker had asked to wait: {reason}" : "";

    private static int FirstActive(Draft draft)
    {
        var step = 0;
        while (!draft[step].IsActive)
            step++;
        return step;
    }

    /// <summary>What can never run, or has no reason to go on, is cancelled.</summary>
    private static void CloseSteps(Draft draft)
    {
        for (var step = 0; step < draft.Count; step++)
        {
            if (draft[step].IsFinished)
                continue;
            OpenWork.Cancel(draft, step);
            draft[step] = draft[step] with
            {
                Status = StepStatus.Cancelled,
                Hold = StepHold.None,
                DueAt = null,
                FinishedAt = draft.Now,
            };
        }
    }

    private static void Finish(Draft draft, RequestStatus status)
    {
        draft.Change(draft.Request with { Status = status, FinishedAt = draft.Now });
        draft.Ask(draft.Request.Parent is { } place
            ? new Effect.NotifyParent(place, status != RequestStatus.Completed)
            : new Effect.FinishRequest());
    }
}
