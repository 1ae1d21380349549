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
    internal static WorkflowPlan Of(string name, WorkflowDefinition? before, WorkflowDefinition? after, WorkflowStanding standing)
    {
        var kind = before is null ? PlanKind.Added : after is null ? PlanKind.Removed : before.Hash == after.Hash ? PlanKind.Same : PlanKind.Changed;
        var changes = kind == PlanKind.Changed ? Compare(before!, after!) : [];
        return new WorkflowPlan(name, kind, before?.Version, after?.Version, changes, [.. Explain(kind, before, after, standing)]);
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

    private static IEnumerable<string> Explain(PlanKind kind, WorkflowDefinition? before, WorkflowDefinition? after, WorkflowStanding standing)
    {
        var running = standing.Running;
        var count = running.ToString("N0", CultureInfo.InvariantCulture);
        if (kind is PlanKind.Changed or PlanKind.Removed && running > 0)
            yield return $"{count} running requests keep the version that they began with until they end.";
        if (kind == PlanKind.Removed)
            yield return "New posts for it will be refused.";
        if (kind != PlanKind.Same && !standing.Paused.IsEmpty)
            yield return $"Paused now: {string.Join(", ", standing.Paused)}. A pause goes by the name, so it also holds requests of the new version, until it is ended.";
        if (kind != PlanKind.Changed)
            yield break;
        if (before!.Key != after!.Key)
            yield return "The key changes: a post that was published before and is published again may become a second request.";
        if (before.Number is not null && before.Number == after.Number)
            yield return $"It has another content under the same version {after.Version}; give it a new one.";
        if (before.Retention != after.Retention && after.Retention is not null)
            yield return "Retention also counts for requests that have already finished.";
        var stay = StepsOf(before).Join(StepsOf(after), step => step.Name, step => step.Name, (old, now) => (now.Name, Old: old.Step, Now: now.Step)).ToList();
        if (Names(stay.Where(step => step.Old.RateLimit is not null && step.Now.RateLimit is not null)) is { Length: > 0 } limited && running > 0)
            yield return $"Requests of both versions stand in one line at the rate limit of {limited}, and the new limit holds for all of them.";
        if (Names(stay.Where(step => step.Old.Cache is not null && step.Now.Cache is not null && step.Old.Queue == step.Now.Queue)) is { Length: > 0 } cached)
            yield return $"The new version is answered from what the old one put into the cache of {cached}, unless cache.version or cache.key changes.";
    }

    /// <summary>With the names that gates, pauses and the cache know them by; a step of a task as <c>task/step</c>.</summary>
    private static IEnumerable<(string Name, StepDefinition Step)> StepsOf(WorkflowDefinition definition) =>
        definition.Steps.Select(step => (step.Name, step))
            .Concat(definition.Tasks.SelectMany(task => task.Steps.Select(step => ($"{task.Name}/{step.Name}", step))));

    private static string Names(IEnumerable<(string Name, StepDefinition Old, StepDefinition Now)> steps) => string.Join(", ", steps.Select(step => step.Name));
}

/// <param name="Before">Null: the step or task is new.</param>
/// <param name="After">Null: the step or task is gone.</param>
public sealed record SettingChange(string Setting, string? Before, string? After);
