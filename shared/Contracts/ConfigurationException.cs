namespace Millrace.Contracts;

/// <summary>The configuration is wrong, so nothing starts. Every problem is listed, each with its fix.</summary>
public sealed class ConfigurationException(IReadOnlyList<string> problems)
    : Exception(string.Join(Environment.NewLine, problems))
{
    public ConfigurationException(string problem)
        : this([problem])
    {
    }

    public IReadOnlyList<string> Problems { get; } = problems;
}
