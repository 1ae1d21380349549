using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Plans;

/// <summary>What applying new workflow files would change, said before it is done.</summary>
/// <param name="Workflows">Every workflow of either side, by name.</param>
/// <param name="NewQueues">Queues that begin to get work: they need workers.</param>
/// <param name="IdleQueues">Queues that get work only from requests that already run, and then none.</param>
public sealed record DefinitionPlan(
    ImmutableArray<WorkflowPlan> Workflows, ImmutableArray<string> NewQueues, ImmutableArray<string> IdleQueues)
{
    public bool IsEmpty => Workflows.All(workflow => workflow.Kind == PlanKind.Same);

    /// <param name="running">Running requests by workflow; what is not in it counts as none.</param>
    public static DefinitionPlan Of(
        IReadOnlyCollection<WorkflowDefinition> current, IReadOnlyCollection<WorkflowDefinition> proposed,
        IReadOnlyDictionary<string, long> running)
    {
        var names = current.Concat(proposed).Select(definition => definition.Name).Distinct().Order(StringComparer.Ordinal);
        var (before, after) = (QueuesOf(current), QueuesOf(proposed));
        return new DefinitionPlan(
            [.. names.Select(name => WorkflowPlan.Of(name, Find(current, name), Find(proposed, name), running.GetValueOrDefault(name)))],
            [.. after.Except(before).Order(StringComparer.Ordinal)],
            [.. before.Except(after).Order(StringComparer.Ordinal)]);
    }

    private static WorkflowDefinition? Find(IEnumerable<WorkflowDefinition> definitions, string name) =>
        definitions.FirstOrDefault(definition => definition.Name == name);

    private static HashSet<string> QueuesOf(IEnumerable<WorkflowDefinition> definitions) =>
        [.. definitions.SelectMany(definition => definition.Steps.Concat(definition.Tasks.SelectMany(task => task.Steps)))
            .Where(step => step.Task is null).Select(step => step.Queue)];
}
