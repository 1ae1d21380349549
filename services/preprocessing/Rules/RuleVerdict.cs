namespace Millrace.Preprocessing.Rules;

/// <summary>What one rule says of one post.</summary>
/// <param name="Rule">The rule's name in the rule set.</param>
/// <param name="Passed">True if the post may pass.</param>
/// <param name="Reason">Why, in one sentence; given for passes too.</param>
/// <param name="Action">What a failure does.</param>
public sealed record RuleVerdict(string Rule, bool Passed, string Reason, RuleAction Action);

public enum RuleAction
{
    /// <summary>A post that fails is not kept.</summary>
    Drop,

    /// <summary>A failure is only recorded.</summary>
    Mark,
}

/// <summary>Which rules judged a post.</summary>
/// <param name="Version">First 12 hexadecimal digits of the SHA-256 of the rule file.</param>
public sealed record RuleSetReference(string Name, string Version);
