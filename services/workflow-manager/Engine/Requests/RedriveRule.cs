using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Requests;

/// <summary>Which requests can be redriven, and from where.</summary>
public static class RedriveRule
{
    /// <param name="fromStep">Null: from what failed or was cancelled.</param>
    /// <param name="keepsItems">Only for the items of the step's task that did not complete.</param>
    /// <returns>Why not, in one sentence; null if it can.</returns>
    public static string? Refuse(WorkflowDefinition definition, RequestState state, int? fromStep, bool keepsItems = false)
    {
        if (state.Parent is not null)
            return "An item of a task is run again by redriving the request that it belongs to.";
        if (fromStep is { } step)
        {
            var steps = definition.GraphOf(state.Scope).Steps;
            if (step < 0 || step >= steps.Length)
                return "The workflow has no such step in the version that the request started with.";
            if (state.Steps[step].Status == StepStatus.Waiting && state.Steps[step].Hold == StepHold.None)
                return $"Step '{steps[step].Name}' has not started yet.";
            return keepsItems ? RefuseItems(steps[step], state.Steps[step]) : null;
        }
        foreach (var each in state.Steps)
        {
            if (each.Status is StepStatus.Failed or StepStatus.Cancelled)
                return null;
        }
        return "No step of it failed or was cancelled; name a step to run again.";
    }

    private static string? RefuseItems(StepDefinition definition, StepState step)
    {
        if (definition.Task is null)
            return $"Step '{definition.Name}' runs no task, so it has no items; run it again as a whole.";
        if (step.Task is null)
            return $"Step '{definition.Name}' has not started any item yet.";
        return step is { Status: StepStatus.Completed, Task.Failed: 0 } ? $"All items of step '{definition.Name}' completed." : null;
    }
}
