namespace Millrace.Preprocessing.Rules;

/// <summary>Checked rules under one name and version.</summary>
public sealed record RuleSet
{
    internal RuleSet(string name, string version, IReadOnlyList<PostRule> rules)
    {
        Name = name;
        Version = version;
        Rules = rules;
        Reference = new RuleSetReference(name, version);
        var exact = rules.OfType<ExactDuplicateRule>().FirstOrDefault();
        var near = rules.OfType<NearDuplicateRule>().FirstOrDefault();
        SeesDuplicates = exact is not null || near is not null;
        Window = new[] { exact?.Window ?? TimeSpan.Zero, near?.Window ?? TimeSpan.Zero }.Max();
        Similarity = near?.Similarity ?? 1;
        NearMinCharacters = near?.MinCharacters ?? int.MaxValue;
    }

    public string Name { get; }

    /// <summary>First 12 hexadecimal digits of the SHA-256 of the file.</summary>
    public string Version { get; }

    public RuleSetReference Reference { get; }

    /// <summary>Names of the rules, in order.</summary>
    public IReadOnlyList<string> RuleNames => [.. Rules.Select(rule => rule.Name)];

    internal IReadOnlyList<PostRule> Rules { get; }

    internal bool SeesDuplicates { get; }

    internal TimeSpan Window { get; }

    internal double Similarity { get; }

    internal int NearMinCharacters { get; }
}
