using System.ComponentModel.DataAnnotations;
using Millrace.Inference;

namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>What to measure.</summary>
public sealed record EmbedBenchmarkOptions
{
    /// <summary>A model folder; null makes the yardstick, MiniLM-L6's shape with random weights.</summary>
    public string? ModelFolder { get; init; }

    /// <summary>Texts to embed, in the order in which they arrive; as many as the rounds use, or they are used again.</summary>
    [MinLength(1)]
    public required IReadOnlyList<string> Texts { get; init; }

    /// <summary>Texts of one round.</summary>
    [Range(1, 1_000_000)]
    public int TextsPerRound { get; init; } = 1_000;

    /// <summary>Rounds of each side, taken in turns.</summary>
    [Range(1, 100)]
    public int Rounds { get; init; } = 3;

    /// <summary>Texts handed to the engine before an answer is waited for, as a queue's prefetch would; the engine's queue takes as many.</summary>
    [Range(1, 1_000_000)]
    public int InFlight { get; init; } = 512;

    public InferenceOptions Inference { get; init; } = new();
}
