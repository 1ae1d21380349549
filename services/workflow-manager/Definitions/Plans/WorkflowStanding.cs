using System.Collections.Immutable;

namespace Millrace.WorkflowManager.Definitions.Plans;

/// <summary>How a workflow stands that is to be changed.</summary>
/// <param name="Running">Running requests, items of tasks not counted.</param>
/// <param name="Paused">What somebody paused of it, in words: <c>the workflow</c>, <c>step a</c>.</param>
public sealed record WorkflowStanding(long Running, ImmutableArray<string> Paused)
{
    public static WorkflowStanding None { get; } = new(0, []);
}
