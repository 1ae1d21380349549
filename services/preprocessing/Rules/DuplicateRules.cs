namespace Millrace.Preprocessing.Rules;

internal sealed record ExactDuplicateRule(RuleAction Action, TimeSpan Window) : PostRule("exact-duplicate", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts) => facts.Duplicate.ExactOf is { } first
        ? (false, $"The same text as {first}.")
        : (true, "No recent post has the same text.");
}

internal sealed record NearDuplicateRule(RuleAction Action, TimeSpan Window, double Similarity, int MinCharacters)
    : PostRule("near-duplicate", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts) => facts.Duplicate.NearOf is { } first
        ? (false, FormattableString.Invariant($"Alike by {facts.Duplicate.Likeness:0.##} to {first}."))
        : (true, "No recent post is nearly the same.");
}
