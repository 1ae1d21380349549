namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>The score of a part of a text, in the form of Perspective's contract.</summary>
/// <param name="Begin">Where the part begins, as the API counts.</param>
/// <param name="End">Where it ends, exclusive.</param>
public sealed record SpanScore(int Begin, int End, SpanProbability Score);

/// <summary>A score as the contract writes it.</summary>
/// <param name="Value">0 to 1.</param>
public sealed record SpanProbability(double Value, string Type = "PROBABILITY");
