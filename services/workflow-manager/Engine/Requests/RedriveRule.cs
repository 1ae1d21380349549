using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Which requests can be redriven, and from where.</summary>
public static class RedriveRule
{
    /// <param name="fromStep">Null: from what failed or was cancelled.</param>
    /// <returns>Why not, in one sentence; null if it can.</returns>
    public static string? Refuse(WorkflowDefinition definition, RequestState state, int? fromStep)
    {
        if (state.Parent is not null)
            return "An item of a task is run again by redriving the request that it belongs to.";
        if (fromStep is { } step)
        {
            var steps = definition.GraphOf(state.Scope).Steps;
            if (step < 0 || step >= steps.Length)
                return "The workflow has no such step in the version that the request started with.";
            return state.Steps[step].Status == StepStatus.Waiting && state.Steps[step].Hold == StepHold.None
                ? $"Step '{steps[step].Name}' has not started yet."
                : null;
        }
        foreach (var each in state.Steps)
        {
            if (each.Status is StepStatus.Failed or StepStatus.Cancelled)
                return null;
        }
        return "No step of it failed or was cancelled; name a step to run again.";
    }
}
