using System.ComponentModel.DataAnnotations;
using Millrace.Inference;

namespace Millrace.GpuEmbedding;

/// <summary>The embedding service.</summary>
public sealed record EmbeddingOptions : InferenceOptions
{
    public const string Section = "Embedding";

    /// <summary>A folder in the layout of sentence-transformers. Relative paths are tried from the working folder and its parents.</summary>
    [Required]
    public string ModelFolder { get; init; } = "infra/models/embedder/model";

    /// <summary>The queue of the steps that embed.</summary>
    [Required]
    public string StepQueue { get; init; } = "gpu-embedding";

    /// <summary>Values of a vector if a caller does not say; 0 gives all that the model has.</summary>
    [Range(0, 16_384)]
    public int DefaultDimensions { get; init; }

    /// <summary>The model's prompt that goes before the text of a step; empty takes the model's default.</summary>
    public string StepPrompt { get; init; } = "";

    /// <summary>How a step's output carries the vector.</summary>
    public VectorFormat StepFormat { get; init; } = VectorFormat.Base64;

    /// <summary>Vectors kept by text and model revision; 0 keeps none.</summary>
    [Range(0, 10_000_000)]
    public int CacheItems { get; init; } = 20_000;

    /// <summary>Texts of one HTTP call.</summary>
    [Range(1, 65_536)]
    public int MaxTextsPerCall { get; init; } = 2_048;

    /// <summary>UTF-16 units of one text; a longer one is refused.</summary>
    [Range(1, 67_108_864)]
    public int MaxTextLength { get; init; } = 1_048_576;
}

public enum VectorFormat
{
    /// <summary>Little-endian single-precision values, in base64: a third of the size of numbers.</summary>
    Base64,

    /// <summary>A JSON array of numbers.</summary>
    Array,
}
