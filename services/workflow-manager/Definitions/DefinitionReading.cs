using System.Collections.Immutable;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Definitions;

/// <summary>What came of reading workflow files.</summary>
/// <param name="Definitions">In the order in which they were read; empty if there is any error.</param>
/// <param name="Problems">Errors and warnings by file, line and column.</param>
public sealed record DefinitionReading(ImmutableArray<WorkflowDefinition> Definitions, ImmutableArray<DefinitionProblem> Problems)
{
    /// <summary>Workflow to the file that it was read from, a path as it was given.</summary>
    public ImmutableDictionary<string, string> Files { get; init; } = ImmutableDictionary<string, string>.Empty;

    public bool HasErrors => Problems.Any(problem => problem.Severity == ProblemSeverity.Error);
}
