using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.Cli.Verbs;

/// <summary>What a plan compares with: all workflows in force, and the file of each.</summary>
/// <param name="Files">Workflow to the name of its file, without a folder.</param>
internal sealed record PlanBase(IReadOnlyCollection<WorkflowDefinition> Definitions, IReadOnlyDictionary<string, string> Files)
{
    /// <summary>Where it was read from files; it may have errors.</summary>
    public DefinitionReading? Reading { get; private init; }

    public IReadOnlySet<string> All => Definitions.Select(definition => definition.Name).ToHashSet();

    public static PlanBase Of(DefinitionReading reading) =>
        new(reading.Definitions, reading.Files.ToDictionary(pair => pair.Key, pair => Path.GetFileName(pair.Value))) { Reading = reading };

    /// <summary>What a changed file of that name takes the place of. Managers of older builds name no files; then it is what it has itself.</summary>
    public IReadOnlySet<string> ReplacedBy(string file, DefinitionReading changed) => Files.Count == 0
        ? changed.Definitions.Select(definition => definition.Name).ToHashSet()
        : Files.Where(pair => pair.Value == file).Select(pair => pair.Key).ToHashSet();

    /// <returns>Why the folder would be refused with the changed file in it, or null.</returns>
    public string? FindClash(IReadOnlySet<string> replaced, DefinitionReading changed) =>
        changed.Definitions.Select(definition => definition.Name).FirstOrDefault(name => !replaced.Contains(name) && All.Contains(name)) is not { } taken ? null
        : Files.TryGetValue(taken, out var file)
            ? $"Workflow '{taken}' is in force from {file}, and two files may not both have it: the manager would refuse them. If the changed file is to take the place of {file}, say --replaces {file}."
            : $"Workflow '{taken}' is in force from no file of the folder, and two places may not both have it: the manager would refuse it.";
}
