using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>What a step receives: the outputs of its direct dependencies in one object, the first in <c>depends</c> wins.</summary>
public static class StepInput
{
    /// <summary>Levels of nesting that an input may have: gathered lists nest deeper than what a worker may send.</summary>
    public const int MaxDepth = JsonProperties.MaxDepth;

    /// <returns>UTF-8 JSON object; with one dependency that one's own bytes.</returns>
    /// <exception cref="InvalidOperationException">A dependency is not done, or its output is not loaded.</exception>
    public static ReadOnlyMemory<byte> Of(WorkflowDefinition definition, RequestState state, int step) =>
        new StepBodies(definition, state).Input(step);
}
