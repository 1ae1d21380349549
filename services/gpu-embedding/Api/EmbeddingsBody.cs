using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace.Inference.Batching;

namespace Millrace.GpuEmbedding.Api;

/// <summary>The body of OpenAI's <c>POST /v1/embeddings</c>.</summary>
/// <param name="Input">A text, an array of texts, an array of token ids, or an array of such arrays.</param>
/// <param name="EncodingFormat"><c>float</c> (the default) or <c>base64</c>.</param>
/// <param name="Prompt">Not OpenAI's: the name of one of the model's prompts.</param>
internal sealed record EmbeddingsBody(
    JsonElement Input,
    string? Model = null,
    [property: JsonPropertyName("encoding_format")] string? EncodingFormat = null,
    int? Dimensions = null,
    string? Prompt = null);

/// <summary>The answer, in OpenAI's shape.</summary>
/// <param name="ModelRevision">Not OpenAI's: 12 hex digits of a hash over the model's files.</param>
internal sealed record EmbeddingsView(string Object, IReadOnlyList<EmbeddingView> Data, string Model, string ModelRevision, UsageView Usage);

/// <param name="Embedding">An array of numbers, or base64 of little-endian single-precision values.</param>
/// <param name="Tokens">Not OpenAI's: tokens that the model read.</param>
/// <param name="Truncated">Not OpenAI's: true if it did not read all of the text.</param>
/// <param name="Timings">Not OpenAI's: where the time went, in milliseconds; zeros for a vector from the cache.</param>
internal sealed record EmbeddingView(string Object, int Index, object Embedding, int Tokens, bool Truncated, InferenceTimings Timings);

internal sealed record UsageView(
    [property: JsonPropertyName("prompt_tokens")] int PromptTokens,
    [property: JsonPropertyName("total_tokens")] int TotalTokens);

/// <summary>An error, in OpenAI's shape.</summary>
internal sealed record ErrorView(ErrorDetail Error);

/// <summary>OpenAI's clients expect the members that are null to be there.</summary>
internal sealed record ErrorDetail(
    string Message, string Type,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Param,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Code);
