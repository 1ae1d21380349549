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

    /// <param name="current">What is in force now, all of it.</param>
    /// <param name="replaced">The names of those that the proposed ones take the place of, such as all of one file; the others stay.</param>
    /// <param name="state">What stands and what is paused in each workflow; what is not in it counts as none.</param>
    /// <exception cref="ArgumentException">A proposed workflow has the name of one that stays.</exception>
    public static DefinitionPlan Of(
        IReadOnlyCollection<WorkflowDefinition> current, IReadOnlySet<string> replaced, IReadOnlyCollection<WorkflowDefinition> proposed,
        IReadOnlyDictionary<string, WorkflowStanding> state)
    {
        var staying = current.Where(definition => !replaced.Contains(definition.Name)).ToList();
        if (staying.Select(definition => definition.Name).Intersect(proposed.Select(definition => definition.Name)).FirstOrDefault() is { } taken)
            throw new ArgumentException($"There is already a workflow '{taken}', and it stays.", nameof(proposed));
        var plan = Of([.. current.Except(staying)], proposed, state);
        var (before, after) = (QueuesOf(current), QueuesOf([.. staying, .. proposed]));
        return plan with
        {
            NewQueues = [.. after.Except(before).Order(StringComparer.Ordinal)],
            IdleQueues = [.. before.Except(after).Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>The same where the proposed workflows take the place of all.</summary>
    public static DefinitionPlan Of(
        IReadOnlyCollection<WorkflowDefinition> current, IReadOnlyCollection<WorkflowDefinition> proposed,
        IReadOnlyDictionary<string, WorkflowStanding> state)
    {
        var names = current.Concat(proposed).Select(definition => definition.Name).Distinct().Order(StringComparer.Ordinal);
        var (before, after) = (QueuesOf(current), QueuesOf(proposed));
        return new DefinitionPlan(
            [.. names.Select(name => WorkflowPlan.Of(name, Find(current, name), Find(proposed, name), state.GetValueOrDefault(name) ?? WorkflowStanding.None))],
            [.. after.Except(before).Order(StringComparer.Ordinal)],
            [.. before.Except(after).Order(StringComparer.Ordinal)]);
    }

    private static WorkflowDefinition? Find(IEnumerable<WorkflowDefinition> definitions, string name) =>
        definitions.FirstOrDefault(definition => definition.Name == name);

    private static HashSet<string> QueuesOf(IEnumerable<WorkflowDefinition> definitions) =>
        [.. definitions.SelectMany(definition => definition.Steps.Concat(definition.Tasks.SelectMany(task => task.Steps)))
            .Where(step => step.Task is null).Select(step => step.Queue)];
}
