using Millrace.Inference.Batching;

namespace Millrace.Inference.Models;

/// <summary>What a classifier says of one text.</summary>
/// <param name="Probabilities">0 to 1, in the order of <see cref="TextClassifierModel.Labels"/>.</param>
/// <param name="Tokens">Tokens that the model read, special ones included.</param>
/// <param name="Truncated">True if it did not read all of the text.</param>
/// <param name="ModelRevision">12 hex digits of a hash over the files that decide the scores.</param>
/// <param name="Timings">Where the time went.</param>
public sealed record Classification(
    IReadOnlyList<float> Probabilities, int Tokens, bool Truncated, string ModelRevision, InferenceTimings Timings);
