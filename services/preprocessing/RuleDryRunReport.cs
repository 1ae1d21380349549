using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing;

/// <summary>What a dry run found.</summary>
/// <param name="Posts">Posts read.</param>
/// <param name="Rejected">Of them, those that are no posts at all.</param>
/// <param name="Changed">Posts whose <c>keep</c> differs between the two rule sets.</param>
/// <param name="Changes">The first of them, at most 200.</param>
public sealed record RuleDryRunReport(
    int Posts, int Rejected, RuleCounts Current, RuleCounts Candidate, int Changed, IReadOnlyList<RuleChange> Changes);

/// <summary>How one rule set judged the posts.</summary>
/// <param name="Failures">Posts that each rule did not pass; one post may fail several.</param>
public sealed record RuleCounts(RuleSetReference RuleSet, int Kept, int Dropped, IReadOnlyDictionary<string, int> Failures);

/// <summary>One post that would be treated differently.</summary>
/// <param name="Reasons">The failed rules of the set that drops it.</param>
public sealed record RuleChange(string Uri, bool KeptBefore, bool KeptAfter, IReadOnlyList<RuleVerdict> Reasons);
