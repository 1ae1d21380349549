using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>
/// What the steps of one request receive and hand on. A skipped step's body is put together once a reading, for many may depend on it.
/// </summary>
internal sealed class StepBodies(WorkflowDefinition definition, RequestState state)
{
    private readonly StepGraph _graph = definition.GraphOf(state.Scope);
    private Dictionary<int, ReadOnlyMemory<byte>>? _skipped;

    public ReadOnlyMemory<byte> Output(int step)
    {
        switch (state.Steps[step])
        {
            case { Status: StepStatus.Completed, Output: { } output }:
                return output;
            case { Status: StepStatus.Skipped }:
                _skipped ??= [];
                return _skipped.TryGetValue(step, out var known) ? known : _skipped[step] = Input(step);
            case var other:
                throw new InvalidOperationException($"Step {step} of request {state.Id} is {other.Status} and has no output.");
        }
    }

    public ReadOnlyMemory<byte> Input(int step) => Merge(_graph.Dependencies[step]);

    public ReadOnlyMemory<byte> Merge(ImmutableArray<int> steps)
    {
        if (steps.IsEmpty)
            return state.Input;
        if (steps.Length == 1)
            return Output(steps[0]);
        var merged = new JsonObjectBuilder();
        foreach (var step in steps)
            merged.AddAll(Output(step).Span);
        return merged.Build();
    }
}
