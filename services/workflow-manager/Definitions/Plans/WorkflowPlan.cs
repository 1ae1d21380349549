using System.Collections.Immutable;
using System.Globalization;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions.Plans;

public enum PlanKind
{
    Same,
    Added,
    Changed,
    Removed,
}

/// <summary>What becomes of one workflow.</summary>
/// <param name="OldVersion">Null if it is new.</param>
/// <param name="NewVersion">Null if it is removed.</param>
/// <param name="Changes">Settings that differ, in the order of the definition.</param>
/// <param name="Notes">What this means for running requests and for those to come, in sentences.</param>
public sealed record WorkflowPlan(
    string Name, PlanKind Kind, string? OldVersion, string? NewVersion, ImmutableArray<SettingChange> Changes, ImmutableArray<string> Notes)
{
    internal static WorkflowPlan Of(string name, WorkflowDefinition? before, WorkflowDefinition? after, long running)
    {
        var kind = before is null ? PlanKind.Added : after is null ? PlanKind.Removed : before.Hash == after.Hash ? PlanKind.Same : PlanKind.Changed;
        var changes = kind == PlanKind.Changed ? Compare(before!, after!) : [];
        return new WorkflowPlan(name, kind, before?.Version, after?.Version, changes, [.. Explain(kind, before, after, running)]);
    }

    private static ImmutableArray<SettingChange> Compare(WorkflowDefinition before, WorkflowDefinition after)
    {
        var old = DefinitionSettings.Of(before).ToDictionary(pair => pair.Path, pair => pair.Value);
        var now = DefinitionSettings.Of(after).ToDictionary(pair => pair.Path, pair => pair.Value);
        var paths = now.Keys.Concat(old.Keys).Distinct();
        return
        [
            .. paths.Select(path => new SettingChange(path, old.GetValueOrDefault(path), now.GetValueOrDefault(path)))
                .Where(change => change.Before != change.After),
        ];
    }

    private static IEnumerable<string> Explain(PlanKind kind, WorkflowDefinition? before, WorkflowDefinition? after, long running)
    {
        var count = running.ToString("N0", CultureInfo.InvariantCulture);
        if (kind is PlanKind.Changed or PlanKind.Removed && running > 0)
            yield return $"{count} running requests keep the version that they began with until they end.";
        if (kind == PlanKind.Removed)
            yield return "New posts for it will be refused.";
        if (kind != PlanKind.Changed)
            yield break;
        if (before!.Key != after!.Key)
            yield return "The key changes: a post that was published before and is published again may become a second request.";
        if (before.Number is not null && before.Number == after.Number)
            yield return $"It has another content under the same version {after.Version}; give it a new one.";
        if (before.Retention != after.Retention && after.Retention is not null)
            yield return "Retention also counts for requests that have already finished.";
    }
}

/// <param name="Before">Null: the step or task is new.</param>
/// <param name="After">Null: the step or task is gone.</param>
public sealed record SettingChange(string Setting, string? Before, string? After);
