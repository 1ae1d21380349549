using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>
/// A step's timeout is for its workers: while the broker has not taken the attempt it fails nothing. The law: a dispatched step that
/// has a timeout always has a timer, so whatever happens to the message, or to who sends it, the step is looked at again.
/// </summary>
internal static class HandOvers
{
    public static void Sent(Draft draft, RequestEvent.StepSent sent)
    {
        if (TimeoutOf(draft, sent.Step, sent.Attempt) is { } timeout)
            SetTimer(draft, sent.Step, draft.Now + timeout);
    }

    /// <summary>Never to an earlier moment: who sends it may know less than the timer that has just been set.</summary>
    public static void PutOff(Draft draft, RequestEvent.StepUnsent unsent)
    {
        if (TimeoutOf(draft, unsent.Step, unsent.Attempt) is not { } timeout)
            return;
        var due = draft.Now + (timeout > unsent.AtLeast ? timeout : unsent.AtLeast);
        if (due > draft[unsent.Step].DueAt)
            SetTimer(draft, unsent.Step, due);
    }

    /// <summary>Nobody has failed: the step keeps its place, before those that never had a slot.</summary>
    public static void Miss(Draft draft, RequestEvent.StepMissed missed)
    {
        if (draft.IsStep(missed.Step) && draft[missed.Step] is { Status: StepStatus.Dispatched } state && state.Attempt == missed.Attempt
            && draft.Graph.Steps[missed.Step] is { Task: null, RateLimit: not null })
            Progress.AskAgain(draft, missed.Step);
    }

    /// <summary>The timer of an attempt that may not have been sent has fired.</summary>
    public static void BeginAnew(Draft draft, int step) => SetTimer(draft, step, draft.Now + draft.Graph.Steps[step].Timeout);

    /// <summary>Null if nobody waits for the attempt, or as long as it takes.</summary>
    private static TimeSpan? TimeoutOf(Draft draft, int step, int attempt) =>
        draft.IsStep(step) && draft[step] is { Status: StepStatus.Dispatched } state && state.Attempt == attempt
            && draft.Graph.Steps[step] is { Task: null } definition ? definition.Timeout : null;

    private static void SetTimer(Draft draft, int step, DateTimeOffset? due)
    {
        if (draft[step].DueAt != due)
            draft[step] = draft[step] with { DueAt = due };
    }
}
