using Millrace.Inference.Batching;

namespace Millrace.Inference.Models;

/// <summary>A text as a vector.</summary>
/// <param name="Values">As many as the dimensions asked for.</param>
/// <param name="Tokens">Tokens that the model read, special ones and the prompt included.</param>
/// <param name="Truncated">True if it did not read all of the text.</param>
/// <param name="ModelRevision">12 hex digits of a hash over the model's files.</param>
/// <param name="Timings">Where the time went.</param>
public sealed record Embedding(float[] Values, int Tokens, bool Truncated, string ModelRevision, InferenceTimings Timings);
