using System.ComponentModel.DataAnnotations;

namespace Millrace.Inference.Batching;

/// <summary>How the engine gathers texts into batches.</summary>
public sealed record EngineOptions
{
    /// <summary>Tokens of one batch, padding counted. 0 chooses by device: 2,048 on CPU, 16,384 on CUDA.</summary>
    [Range(0, 4_194_304)]
    public int MaxBatchTokens { get; init; }

    /// <summary>Texts of one batch.</summary>
    [Range(1, 65_536)]
    public int MaxBatchItems { get; init; } = 256;

    /// <summary>The part of a batch, 0 to 1, that may be padding. 0 chooses by device: 0.08 on CPU, 0.25 on CUDA, where a launch costs more.</summary>
    [Range(0, 1)]
    public double MaxPaddingShare { get; init; }

    /// <summary>Texts that may wait; one more is refused with <see cref="OverloadedException"/>.</summary>
    [Range(1, 1_048_576)]
    public int QueueLimitItems { get; init; } = 4_096;

    internal BatchLimits LimitsFor(bool accelerated) => new(
        MaxBatchTokens > 0 ? MaxBatchTokens : accelerated ? 16_384 : 2_048,
        MaxBatchItems,
        MaxPaddingShare > 0 ? MaxPaddingShare : accelerated ? 0.25 : 0.08);
}
