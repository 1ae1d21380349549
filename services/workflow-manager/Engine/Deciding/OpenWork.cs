using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Engine.Deciding;

/// <summary>What a step has under way when it stops to wait for it: children, or a message in its queue.</summary>
internal static class OpenWork
{
    /// <param name="answered">The attempt that was answered just now, so that its message is gone; null if none was.</param>
    public static void Cancel(Draft draft, int step, int? answered = null)
    {
        var state = draft[step];
        if (state.Status != StepStatus.Dispatched)
            return;
        if (draft.Graph.Steps[step].Task is null)
        {
            if (answered is null || answered < state.Attempt)
                draft.Ask(new Effect.CancelDispatch(step, state.Attempt));
        }
        else if (state.Task is { } task && task.Finished.Count < task.Total)
        {
            draft.Ask(new Effect.CancelChildren(step, state.Attempt, task.Started));
        }
    }
}
