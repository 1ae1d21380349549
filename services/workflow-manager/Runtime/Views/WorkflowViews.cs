using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>Workflows as they are shown: the graph, and how many requests stand where.</summary>
internal sealed class WorkflowViews(
    WorkflowCatalog catalog, IRequestReader store, QueueFacts queues, RateGates gates, Pauses pauses, StoreClock clock)
{
    public async Task<WorkflowListView> ListAsync(CancellationToken cancellationToken)
    {
        var counts = await store.CountAsync(cancellationToken);
        return new WorkflowListView([.. catalog.Current.Select(definition => new WorkflowItemView(
            definition.Name, definition.Version, pauses.FindWorkflow(definition.Name), CountsOf(counts, definition.Name, ""),
            catalog.FileOf(definition.Name)))]);
    }

    public async Task<WorkflowView?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } definition)
            return null;
        var counts = await store.CountAsync(cancellationToken);
        var tasks = new List<WorkflowTaskView>();
        for (var scope = 0; scope < definition.Tasks.Length; scope++)
        {
            var task = definition.Tasks[scope];
            var steps = await ShowStepsAsync(definition, scope, counts, cancellationToken);
            tasks.Add(new WorkflowTaskView(task.Name, task.ItemListKey, task.ItemKey, task.MaxParallel, steps));
        }
        return new WorkflowView(
            definition.Name, definition.Version, definition.Hash, definition.Key, definition.Timeout?.TotalSeconds,
            definition.Retention?.TotalSeconds, definition.Schedule?.ToString(), pauses.FindWorkflow(name), CountsOf(counts, name, ""),
            await ShowStepsAsync(definition, WorkflowDefinition.TopScope, counts, cancellationToken), tasks,
            new JsonBody(DefinitionCodec.Write(definition)));
    }

    private async Task<IReadOnlyList<WorkflowStepView>> ShowStepsAsync(
        WorkflowDefinition definition, int scope, IReadOnlyList<RequestCount> counts, CancellationToken cancellationToken)
    {
        var steps = definition.GraphOf(scope).Steps;
        var views = new List<WorkflowStepView>(steps.Length);
        for (var index = 0; index < steps.Length; index++)
        {
            var (step, key) = (steps[index], RunningRequest.KeyOf(definition, scope, index));
            var depth = step.Task is null ? (await queues.FindAsync(step.Queue, cancellationToken)).Depth : null;
            views.Add(new WorkflowStepView(
                step.Name, step.Task is null ? step.Queue : null, step.Task, step.Depends, step.Batch, !step.When.IsEmpty,
                CountsOf(counts, definition.Name, key.Step), ShowGate(step, key), pauses.FindStep(key),
                depth is null ? null : new QueueView(depth.Queue, depth.Messages, depth.Consumers)));
        }
        return views;
    }

    private GateView? ShowGate(StepDefinition step, StepKey key)
    {
        var (state, now) = (gates.Find(key), clock.GetUtcNow());
        DateTimeOffset? closedUntil = state.ClosedUntil > now ? state.ClosedUntil : null;
        if (step.RateLimit is not { } limit)
            return closedUntil is null ? null : new GateView(null, null, closedUntil, 0, closedUntil);
        var (waiting, last) = state.Line(limit.Interval, now);
        return new GateView(limit.Permits, limit.Per.TotalSeconds, closedUntil, waiting, last ?? closedUntil);
    }

    private static Dictionary<string, long> CountsOf(IReadOnlyList<RequestCount> counts, string workflow, string step) => counts
        .Where(count => count.Workflow == workflow && count.Step == step && count.Count != 0)
        .ToDictionary(count => count.Status, count => count.Count);
}
