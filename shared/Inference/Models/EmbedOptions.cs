namespace Millrace.Inference.Models;

/// <summary>What a caller may choose for one text.</summary>
/// <param name="Dimensions">The first so many values only, scaled again: for models trained so (Matryoshka). Null for all.</param>
/// <param name="Prompt">The name of one of the model's prompts; null for its default.</param>
/// <remarks>Source of the truncation: Kusupati et al. 2022, "Matryoshka Representation Learning".</remarks>
public readonly record struct EmbedOptions(int? Dimensions = null, string? Prompt = null);
