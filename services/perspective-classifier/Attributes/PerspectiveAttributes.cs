namespace Millrace.PerspectiveClassifier.Attributes;

/// <summary>The names of Perspective's attributes.</summary>
public static class PerspectiveAttributes
{
    /// <summary>What the research pipeline asks for in one request.</summary>
    public static IReadOnlyList<string> Pipeline { get; } =
    [
        "TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT",
        "AFFINITY_EXPERIMENTAL", "COMPASSION_EXPERIMENTAL", "CURIOSITY_EXPERIMENTAL", "NUANCE_EXPERIMENTAL",
        "PERSONAL_STORY_EXPERIMENTAL", "REASONING_EXPERIMENTAL", "RESPECT_EXPERIMENTAL",
        "ALIENATION_EXPERIMENTAL", "FEARMONGERING_EXPERIMENTAL", "GENERALIZATION_EXPERIMENTAL", "MORAL_OUTRAGE_EXPERIMENTAL",
        "SCAPEGOATING_EXPERIMENTAL", "SEXUALLY_EXPLICIT", "FLIRTATION", "SPAM",
    ];

    /// <summary>Every attribute that Perspective's documents name.</summary>
    public static IReadOnlySet<string> Known { get; } = new HashSet<string>(
    [
        .. Pipeline,
        "TOXICITY_EXPERIMENTAL", "SEVERE_TOXICITY_EXPERIMENTAL", "IDENTITY_ATTACK_EXPERIMENTAL", "INSULT_EXPERIMENTAL",
        "PROFANITY_EXPERIMENTAL", "THREAT_EXPERIMENTAL", "TOXICITY_FAST", "CONSTRUCTIVE_EXPERIMENTAL", "POWER_APPEAL_EXPERIMENTAL",
        "ATTACK_ON_AUTHOR", "ATTACK_ON_COMMENTER", "INCOHERENT", "INFLAMMATORY", "LIKELY_TO_REJECT", "OBSCENE", "UNSUBSTANTIAL",
    ]);

    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["toxic"] = "TOXICITY",
        ["severe_toxic"] = "SEVERE_TOXICITY",
        ["obscene"] = "PROFANITY",
        ["identity_hate"] = "IDENTITY_ATTACK",
        ["sexual_explicit"] = "SEXUALLY_EXPLICIT",
    };

    /// <summary>The attribute that a model's label stands for: Detoxify's names, or Perspective's own in any case; else null.</summary>
    public static string? OfLabel(string label)
    {
        if (OtherNames.TryGetValue(label, out var attribute))
            return attribute;
        var upper = label.ToUpperInvariant();
        return Known.Contains(upper) ? upper : null;
    }
}
