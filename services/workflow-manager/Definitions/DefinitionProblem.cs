namespace Millrace.WorkflowManager.Definitions;

public enum ProblemSeverity
{
    /// <summary>It works, but probably not as meant.</summary>
    Warning,

    /// <summary>Nothing of the file is taken.</summary>
    Error,
}

/// <summary>What is wrong with a workflow file, where, and what would be right.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1.</param>
public sealed record DefinitionProblem(string File, int Line, int Column, ProblemSeverity Severity, string Message)
{
    /// <summary>As compilers write it, so that editors find the place.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}: {(Severity == ProblemSeverity.Error ? "error" : "warning")}: {Message}";
}
