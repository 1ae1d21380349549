using YamlDotNet.RepresentationModel;

namespace Millrace.Preprocessing.Rules;

/// <summary>Reads one rule of a rule file.</summary>
internal static class RuleReader
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromHours(24);
    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(30);

    private static readonly Dictionary<string, Func<RuleKeys, RuleAction, PostRule>> Readers = new(StringComparer.Ordinal)
    {
        ["has-text"] = (_, action) => new HasTextRule(action),
        ["min-length"] = (keys, action) => new MinLengthRule(action, keys.Whole("characters", 5, 1, 100_000)),
        ["language"] = (keys, action) => new LanguageRule(action, Set(keys.Words("allow", required: true)), keys.Share("minConfidence", 0.8)),
        ["author"] = (keys, action) => new AuthorRule(action, Set(keys.Words("block", required: true))),
        ["labels"] = (keys, action) => new LabelsRule(action, Set(keys.Words("block", required: true))),
        ["spam"] = (keys, action) => new SpamRule(
            action,
            Set(keys.Words("shorteners")),
            keys.Whole("maxHashtags", int.MaxValue, 0, int.MaxValue),
            keys.Words("words"),
            keys.Whole("minWords", 1, 1, 1_000)),
        ["exact-duplicate"] = (keys, action) => new ExactDuplicateRule(action, keys.Span("window", DefaultWindow, LongestWindow)),
        ["near-duplicate"] = (keys, action) => new NearDuplicateRule(
            action,
            keys.Span("window", DefaultWindow, LongestWindow),
            keys.Share("similarity", 0.85),
            keys.Whole("minCharacters", 40, 5, 100_000)),
    };

    /// <returns>Null when it names no known rule; the problem is recorded.</returns>
    public static PostRule? Read(YamlMappingNode mapping, RuleProblems problems)
    {
        var keys = new RuleKeys(mapping, problems);
        if (keys.Text("rule", required: true) is not { } name)
            return null;
        if (!Readers.TryGetValue(name, out var read))
        {
            problems.Add(mapping, $"The rule '{name}' is unknown; known are {string.Join(", ", Readers.Keys)}.");
            return null;
        }
        var rule = read(keys, keys.Action());
        keys.RefuseOthers();
        return rule;
    }

    private static HashSet<string> Set(IReadOnlyList<string> words) => new(words, StringComparer.OrdinalIgnoreCase);
}
