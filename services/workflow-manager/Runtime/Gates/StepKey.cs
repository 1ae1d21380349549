namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>A step of a workflow, whatever the version; a step inside a task is <c>task/step</c>.</summary>
internal readonly record struct StepKey(string Workflow, string Step)
{
    public override string ToString() => $"{Workflow}/{Step}";
}
