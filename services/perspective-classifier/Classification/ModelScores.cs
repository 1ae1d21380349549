namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>What a classifier of another domain says; it stands in the step's output under the classifier's name.</summary>
/// <param name="Label">The class with the highest score; null where there are no scores, and of a model whose labels hold each for itself.</param>
/// <param name="Labels">Of such a model (<c>sigmoid</c>): the labels that reach their threshold in <c>labels.json</c>, or 0.5, the highest first; else null.</param>
/// <param name="Scores">Probability, 0 to 1, by class.</param>
/// <param name="CalibratedAt">When the calibration of the scores was fitted; null if they are as the model gives them.</param>
/// <param name="Reason">Why there are no scores: a code, a colon and a sentence.</param>
public sealed record ModelScores(
    string? Label,
    IReadOnlyList<string>? Labels,
    IReadOnlyDictionary<string, double>? Scores,
    string? Reason,
    string Provider,
    string ModelRevision,
    DateTimeOffset? CalibratedAt)
{
    /// <summary>True if the model did not read the text to its end; null otherwise.</summary>
    public bool? Truncated { get; init; }
}
