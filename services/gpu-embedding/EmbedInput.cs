using Millrace.Inference.Batching;

namespace Millrace.GpuEmbedding;

/// <summary>What an embedding step reads of its input; other members are not looked at.</summary>
/// <param name="Text">The text. Required.</param>
/// <param name="Prompt">The name of one of the model's prompts.</param>
/// <param name="Dimensions">The first so many values of the vector.</param>
public sealed record EmbedInput(string? Text, string? Prompt = null, int? Dimensions = null);

/// <summary>What an embedding step gives.</summary>
/// <param name="Embedding">Base64 of little-endian single-precision values, or an array of numbers.</param>
/// <param name="Dimensions">Values of the vector.</param>
/// <param name="Model">The model folder's name.</param>
/// <param name="ModelRevision">12 hex digits of a hash over the model's files.</param>
/// <param name="Tokens">Tokens that the model read.</param>
/// <param name="Truncated">True if it did not read all of the text.</param>
/// <param name="Timings">Where the time went; zeros for a vector from the cache.</param>
public sealed record EmbedOutput(
    object Embedding, int Dimensions, string Model, string ModelRevision, int Tokens, bool Truncated, InferenceTimings Timings);
