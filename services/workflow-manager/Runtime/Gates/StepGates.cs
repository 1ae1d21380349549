using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// Which steps may dispatch now: what is paused, what a worker has closed, and, where a rate limit paces a step, whether messages get
/// through: what could not leave in its slot would leave together with others later.
/// </summary>
internal sealed class StepGates(Pauses pauses, RateGates gates, StepLimits limits, BrokerWatch broker, StoreClock clock)
{
    /// <summary>For as long a gate is said to be shut, at each look, while messages do not get through.</summary>
    private static readonly TimeSpan Shut = TimeSpan.FromSeconds(1);

    /// <returns>Indexed like the steps of the scope; default if all are open, which is the rule.</returns>
    public ImmutableArray<StepGate> For(WorkflowDefinition definition, int scope)
    {
        var isAway = broker.IsAway;
        if (pauses.IsEmpty && gates.AllOpen && !isAway)
            return default;
        var now = clock.GetUtcNow();
        var steps = definition.GraphOf(scope).Steps;
        return [.. Enumerable.Range(0, steps.Length).Select(step => Of(RunningRequest.KeyOf(definition, scope, step), steps[step], isAway, now))];
    }

    private StepGate Of(StepKey step, StepDefinition definition, bool isAway, DateTimeOffset now)
    {
        if (pauses.Find(step) is not null)
            return new StepGate(IsPaused: true, Until: null);
        var gate = gates.Look(step, limits.Apply(step, definition), now);
        return isAway && definition.RateLimit is not null && !gate.IsShut(now) ? gate with { Until = now + Shut } : gate;
    }
}
