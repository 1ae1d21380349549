using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Which steps may dispatch now: what is paused, and what a worker has closed.</summary>
internal sealed class StepGates(Pauses pauses, RateGates gates, StoreClock clock)
{
    /// <returns>Indexed like the steps of the scope; default if all are open, which is the rule.</returns>
    public ImmutableArray<StepGate> For(WorkflowDefinition definition, int scope)
    {
        if (pauses.IsEmpty && gates.AllOpen)
            return default;
        var now = clock.GetUtcNow();
        var steps = definition.GraphOf(scope).Steps;
        return [.. Enumerable.Range(0, steps.Length).Select(step => Of(RunningRequest.KeyOf(definition, scope, step), steps[step], now))];
    }

    private StepGate Of(StepKey step, StepDefinition definition, DateTimeOffset now) =>
        pauses.Find(step) is null ? gates.Look(step, definition, now) : new StepGate(IsPaused: true, Until: null);
}
