using System.Text.Json;
using System.Text.Json.Serialization;

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
internal sealed record EmbeddingsView(string Object, IReadOnlyList<EmbeddingView> Data, string Model, UsageView Usage);

internal sealed record EmbeddingView(string Object, int Index, object Embedding);

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
