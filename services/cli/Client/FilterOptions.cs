using System.CommandLine;

namespace Millrace.Cli.Client;

/// <summary>Which requests a verb is about; the names are those of the REST query.</summary>
internal sealed class FilterOptions
{
    private readonly (string Name, Option<string?> Option)[] _filters =
    [
        ("workflow", new("--workflow") { Description = "Of this workflow." }),
        ("status", new("--status") { Description = "running, completed, failed or cancelled." }),
        ("key", new("--key-is") { Description = "With exactly this key." }),
        ("error", new("--error") { Description = "Failed with this error type." }),
        ("step", new("--step") { Description = "Failed at this step; with --status running, stand at it." }),
        ("from", new("--from") { Description = "Created at or after this ISO 8601 time." }),
        ("before", new("--before") { Description = "Created before this ISO 8601 time." }),
    ];

    public void AddTo(Command verb)
    {
        foreach (var (_, option) in _filters)
            verb.Options.Add(option);
    }

    public bool IsEmpty(ParseResult parsed) => _filters.All(filter => parsed.GetValue(filter.Option) is null);

    /// <summary>What <c>--workflow</c> says, if it is given.</summary>
    public string? Workflow(ParseResult parsed) => parsed.GetValue(_filters[0].Option);

    /// <summary>True if anything but the workflow is filtered by.</summary>
    public bool IsPartial(ParseResult parsed) => _filters.Skip(1).Any(filter => parsed.GetValue(filter.Option) is not null);

    public string ToQuery(ParseResult parsed, params ReadOnlySpan<(string Name, string? Value)> more)
    {
        var parts = _filters.Select(filter => (filter.Name, Value: parsed.GetValue(filter.Option))).Concat(more.ToArray())
            .Where(part => part.Value is not null)
            .Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value!)}");
        return "?" + string.Join('&', parts);
    }
}
