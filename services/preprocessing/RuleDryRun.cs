using System.Text.Json;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.Preprocessing.Duplicates;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing;

/// <summary>Tries rules on past posts: what would they keep, and what would change against the rules in force?</summary>
public static class RuleDryRun
{
    private const int MaxChangesListed = 200;

    /// <summary>Runs both rule sets over the same posts, each with a memory for duplicates of its own.</summary>
    /// <param name="posts">In any shape that preprocessing reads; read once.</param>
    /// <param name="current">The rules to compare with.</param>
    /// <param name="candidate">The rules to try.</param>
    /// <param name="duplicateCapacity">Posts remembered in the search for duplicates.</param>
    public static RuleDryRunReport Run(IEnumerable<JsonElement> posts, RuleSet current, RuleSet candidate, int duplicateCapacity = 1_000_000)
    {
        var languages = new LanguageIdentifier();
        var before = new Side(current, languages, duplicateCapacity);
        var after = new Side(candidate, languages, duplicateCapacity);
        var changes = new List<RuleChange>();
        var (read, rejected, changed) = (0, 0, 0);
        foreach (var post in posts)
        {
            read++;
            if (before.Judge(post) is not { } was || after.Judge(post) is not { } becomes)
            {
                rejected++;
                continue;
            }
            if (was.Keep == becomes.Keep)
                continue;
            changed++;
            if (changes.Count < MaxChangesListed)
                changes.Add(new RuleChange(was.Uri, was.Keep, becomes.Keep, Failures(becomes.Keep ? was : becomes)));
        }
        return new RuleDryRunReport(read, rejected, before.Count(), after.Count(), changed, changes);
    }

    private static IReadOnlyList<RuleVerdict> Failures(PreprocessedPost post) => [.. post.Rules.Where(verdict => !verdict.Passed)];

    private sealed class Side(RuleSet rules, LanguageIdentifier languages, int capacity)
    {
        private readonly PostPreprocessor _preprocessor = new(languages, new DuplicateIndex(capacity, TimeProvider.System), int.MaxValue);
        private readonly Dictionary<string, int> _failures = rules.RuleNames.ToDictionary(name => name, _ => 0);
        private int _kept;
        private int _dropped;

        public PreprocessedPost? Judge(JsonElement post)
        {
            if (_preprocessor.Process(post, rules) is not StepResult<PreprocessedPost>.Completed { Output: var judged })
                return null;
            _kept += judged.Keep ? 1 : 0;
            _dropped += judged.Keep ? 0 : 1;
            foreach (var failure in Failures(judged))
                _failures[failure.Rule]++;
            return judged;
        }

        public RuleCounts Count() => new(rules.Reference, _kept, _dropped, _failures);
    }
}
