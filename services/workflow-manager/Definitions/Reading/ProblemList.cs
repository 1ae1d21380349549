using System.Collections.Immutable;
using Millrace.WorkflowManager.Definitions.Yaml;

namespace Millrace.WorkflowManager.Definitions.Reading;

/// <summary>Collects everything that is wrong with one file: nobody likes to be told one mistake at a time.</summary>
internal sealed class ProblemList(string file)
{
    private readonly List<DefinitionProblem> _problems = [];

    public bool HasErrors => _problems.Exists(problem => problem.Severity == ProblemSeverity.Error);

    public ImmutableArray<DefinitionProblem> InOrder => [.. _problems.OrderBy(problem => problem.Line).ThenBy(problem => problem.Column)];

    public void Error(YamlNode at, string message) => Error(at.Line, at.Column, message);

    public void Error(int line, int column, string message) =>
        _problems.Add(new DefinitionProblem(file, line, column, ProblemSeverity.Error, message));

    public void Warn(YamlNode at, string message) =>
        _problems.Add(new DefinitionProblem(file, at.Line, at.Column, ProblemSeverity.Warning, message));
}
