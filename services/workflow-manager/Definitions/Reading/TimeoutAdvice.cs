namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Warns of timeouts that are missing, or that can't do what they are there for; of workflows without errors.</summary>
internal static class TimeoutAdvice
{
    public static void Give(SourceWorkflow workflow, ProblemList problems)
    {
        var steps = workflow.Steps.Concat(workflow.Tasks.SelectMany(task => task.Steps)).Select(step => (step.Definition, step.At)).ToList();
        var endless = steps.Where(step => step.Definition is { Task: null, Timeout: null }).Select(step => $"'{step.Definition.Name}'").ToList();
        if (workflow.Settings.Timeout is not { } limit)
        {
            if (endless.Count > 0 && !IsWithinLimit(workflow))
                problems.Warn(
                    workflow.At, $"{(endless.Count == 1 ? "step" : "steps")} {string.Join(", ", endless)} and the workflow have no 'timeout': "
                    + "a worker that takes a message and never replies holds the request for ever");
            return;
        }
        foreach (var (step, at) in steps.Where(step => step.Definition.Timeout > limit))
            problems.Warn(at, $"the 'timeout' of step '{step.Name}' is longer than the workflow's, which ends the request before");
    }

    /// <summary>All without a timeout are a task's, and each step that runs a task has one.</summary>
    private static bool IsWithinLimit(SourceWorkflow workflow) =>
        workflow.Steps.All(step => step.Definition.Timeout is not null);
}
