using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>What a step receives: the outputs of its direct dependencies in one object, the first in <c>depends</c> wins.</summary>
public static class StepInput
{
    /// <returns>UTF-8 JSON object; with one dependency that one's own bytes.</returns>
    /// <exception cref="InvalidOperationException">A dependency is not done, or its output is not loaded.</exception>
    public static ReadOnlyMemory<byte> Of(WorkflowDefinition definition, RequestState state, int step) =>
        Merge(definition, state, definition.GraphOf(state.Scope).Dependencies[step]);

    internal static ReadOnlyMemory<byte> Merge(WorkflowDefinition definition, RequestState state, ImmutableArray<int> steps)
    {
        if (steps.IsEmpty)
            return state.Input;
        if (steps.Length == 1)
            return StepOutput.Of(definition, state, steps[0]);
        var merged = new JsonObjectBuilder();
        foreach (var step in steps)
            merged.AddAll(StepOutput.Of(definition, state, step).Span);
        return merged.Build();
    }
}
