using System.Text.Json.Serialization;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>
/// A post's labels with every field of the research pipeline's record, so that what reads those reads these.
/// A probability that nobody gave is null, never invented.
/// </summary>
public sealed record LabelRecord
{
    [JsonPropertyName("uri")]
    public required string Uri { get; init; }

    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("was_successfully_labeled")]
    public required bool WasSuccessfullyLabeled { get; init; }

    /// <summary>Why it is not labelled: a code, a colon and a sentence.</summary>
    [JsonPropertyName("reason"), JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Reason { get; init; }

    /// <summary>ISO 8601, UTC.</summary>
    [JsonPropertyName("label_timestamp")]
    public required string LabelTimestamp { get; init; }

    /// <summary>The fields <c>prob_*</c>, 0 to 1, all of them in every record.</summary>
    [JsonExtensionData]
    public IDictionary<string, object?> Probabilities { get; init; } = RecordFields.Fill(null);

    [JsonPropertyName("provider")]
    public required string Provider { get; init; }

    [JsonPropertyName("model_revision")]
    public required string ModelRevision { get; init; }

    /// <summary>When the calibration of the local model's scores was fitted; absent if they are as the model gives them.</summary>
    [JsonPropertyName("calibrated_at")]
    public DateTimeOffset? CalibratedAt { get; init; }

    /// <summary>Why <see cref="Provider"/> is not the one that is configured; absent otherwise.</summary>
    [JsonPropertyName("fallback_reason")]
    public string? FallbackReason { get; init; }

    /// <summary>True if the local model, whose scores these are, did not read the text to its end; absent otherwise.</summary>
    [JsonPropertyName("truncated")]
    public bool? Truncated { get; init; }

    /// <summary>Every score by its attribute's own name.</summary>
    [JsonPropertyName("scores")]
    public IReadOnlyDictionary<string, double>? Scores { get; init; }

    /// <summary>Scores of parts of the text by attribute, as Perspective gives them; only where they are asked for (<c>SpanAnnotations</c>).</summary>
    [JsonPropertyName("span_scores")]
    public IReadOnlyDictionary<string, IReadOnlyList<SpanScore>>? SpanScores { get; init; }

    /// <summary>Attributes without a score, each with the reason.</summary>
    [JsonPropertyName("unavailable")]
    public IReadOnlyDictionary<string, string>? Unavailable { get; init; }

    /// <summary>Scores of the second provider, where one runs beside.</summary>
    [JsonPropertyName("shadow")]
    public IReadOnlyDictionary<string, double>? Shadow { get; init; }

    /// <summary>The model that gave <see cref="Shadow"/>.</summary>
    [JsonPropertyName("shadow_revision")]
    public string? ShadowRevision { get; init; }
}
