using Millrace.WorkflowManager.Engine.Deciding;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine;

/// <summary>
/// Decides what becomes of a request: a pure function, the same answer for the same question whoever asks and how often.
/// </summary>
public static class WorkflowEngine
{
    /// <param name="definition">The version that the request started with.</param>
    /// <param name="state"><see cref="RequestState.None"/> for <see cref="RequestEvent.Accepted"/>; outputs loaded.</param>
    public static Transition Apply(WorkflowDefinition definition, RequestState state, RequestEvent happened)
    {
        ArgumentNullException.ThrowIfNull(definition);
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(happened);
        if (state.Steps.IsDefault && happened is not RequestEvent.Accepted)
            return Transition.Unchanged(state);
        var draft = new Draft(definition, state, happened);
        Decide(draft, happened);
        Endings.Settle(draft);
        HeldTime.Follow(draft);
        return draft.Build(state);
    }

    private static void Decide(Draft draft, RequestEvent happened)
    {
        switch (happened)
        {
            case RequestEvent.Accepted accepted:
                Acceptance.Accept(draft, accepted);
                break;
            case RequestEvent.StepCompleted reply:
                Replies.Complete(draft, reply);
                break;
            case RequestEvent.StepFailed reply:
                Replies.Fail(draft, reply);
                break;
            case RequestEvent.StepThrottled reply:
                Replies.Throttle(draft, reply);
                break;
            case RequestEvent.UnknownReply reply:
                draft.TellBounded(TimelineKind.UnknownReply, reply.Step);
                break;
            case RequestEvent.PermitGranted granted:
                Timers.Grant(draft, granted);
                break;
            case RequestEvent.ChildFinished finished:
                TaskProgress.FinishChild(draft, finished);
                break;
            case RequestEvent.ChildrenGathered gathered:
                TaskProgress.Gathered(draft, gathered);
                break;
            case RequestEvent.TimerFired fired:
                Timers.Fire(draft, fired);
                break;
            case RequestEvent.StepSent sent:
                HandOvers.Sent(draft, sent);
                break;
            case RequestEvent.StepUnsent unsent:
                HandOvers.PutOff(draft, unsent);
                break;
            case RequestEvent.StepMissed missed:
                HandOvers.Miss(draft, missed);
                break;
            case RequestEvent.Resumed:
                Timers.Resume(draft);
                break;
            case RequestEvent.Cancelled cancelled:
                Endings.Cancel(draft, cancelled.By);
                break;
            case RequestEvent.Redriven redriven:
                Redrives.Redrive(draft, redriven);
                break;
        }
    }
}
