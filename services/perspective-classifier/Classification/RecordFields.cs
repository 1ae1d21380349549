namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>Which attribute fills which field of the research pipeline's record.</summary>
internal static class RecordFields
{
    private static readonly (string Field, string[] Attributes)[] Fields =
    [
        ("prob_toxic", ["TOXICITY"]),
        ("prob_severe_toxic", ["SEVERE_TOXICITY"]),
        ("prob_identity_attack", ["IDENTITY_ATTACK"]),
        ("prob_insult", ["INSULT"]),
        ("prob_profanity", ["PROFANITY"]),
        ("prob_threat", ["THREAT"]),
        ("prob_affinity", ["AFFINITY_EXPERIMENTAL"]),
        ("prob_compassion", ["COMPASSION_EXPERIMENTAL"]),
        // Upstream replaced CONSTRUCTIVE by REASONING; the pipeline kept its field.
        ("prob_constructive", ["CONSTRUCTIVE_EXPERIMENTAL", "REASONING_EXPERIMENTAL"]),
        ("prob_curiosity", ["CURIOSITY_EXPERIMENTAL"]),
        ("prob_nuance", ["NUANCE_EXPERIMENTAL"]),
        ("prob_personal_story", ["PERSONAL_STORY_EXPERIMENTAL"]),
        ("prob_reasoning", ["REASONING_EXPERIMENTAL"]),
        ("prob_respect", ["RESPECT_EXPERIMENTAL"]),
        ("prob_alienation", ["ALIENATION_EXPERIMENTAL"]),
        ("prob_fearmongering", ["FEARMONGERING_EXPERIMENTAL"]),
        ("prob_generalization", ["GENERALIZATION_EXPERIMENTAL"]),
        ("prob_moral_outrage", ["MORAL_OUTRAGE_EXPERIMENTAL"]),
        ("prob_scapegoating", ["SCAPEGOATING_EXPERIMENTAL"]),
        ("prob_sexually_explicit", ["SEXUALLY_EXPLICIT"]),
        ("prob_flirtation", ["FLIRTATION"]),
        ("prob_spam", ["SPAM"]),
    ];

    public static IDictionary<string, object?> Fill(IReadOnlyDictionary<string, double>? scores)
    {
        var filled = new Dictionary<string, object?>(Fields.Length);
        foreach (var (field, attributes) in Fields)
            filled[field] = Find(scores, attributes);
        return filled;
    }

    private static double? Find(IReadOnlyDictionary<string, double>? scores, string[] attributes)
    {
        foreach (var attribute in attributes)
        {
            if (scores is not null && scores.TryGetValue(attribute, out var score))
                return score;
        }
        return null;
    }
}
