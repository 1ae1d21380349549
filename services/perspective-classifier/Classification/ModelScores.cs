namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>What a classifier of another domain says; it stands in the step's output under the classifier's name.</summary>
/// <param name="Label">The class with the highest score; null where there are no scores.</param>
/// <param name="Scores">Probability, 0 to 1, by class.</param>
/// <param name="Reason">Why there are no scores: a code, a colon and a sentence.</param>
public sealed record ModelScores(
    string? Label, IReadOnlyDictionary<string, double>? Scores, string? Reason, string Provider, string ModelRevision);
