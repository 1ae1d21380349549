namespace Millrace.Preprocessing.Rules;

internal sealed record HasTextRule(RuleAction Action) : PostRule("has-text", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts) =>
        facts.Text.Length == 0 ? (false, "The text is empty.") : (true, "The post has text.");
}

internal sealed record MinLengthRule(RuleAction Action, int Characters) : PostRule("min-length", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts)
    {
        var found = 0;
        foreach (var rune in facts.Prose.EnumerateRunes())
        {
            found += System.Text.Rune.IsLetterOrDigit(rune) ? 1 : 0;
            if (found >= Characters)
                return (true, $"At least {Characters} letters and digits.");
        }
        return (false, $"{found} letters and digits outside links and mentions; at least {Characters} are asked for.");
    }
}

internal sealed record LanguageRule(RuleAction Action, IReadOnlySet<string> Allow, double MinConfidence) : PostRule("language", Action)
{
    protected override (bool Passed, string Reason) Decide(PostFacts facts)
    {
        var (code, confidence, _) = facts.Language;
        var found = FormattableString.Invariant($"{code} with confidence {confidence:0.##}");
        if (code == "und")
            return (true, "No language could be identified.");
        if (Allow.Contains(code))
            return (true, $"Identified as {found}.");
        return confidence < MinConfidence
            ? (true, $"Identified as {found}, too unsure to go by.")
            : (false, $"Identified as {found}, which is not allowed.");
    }
}
