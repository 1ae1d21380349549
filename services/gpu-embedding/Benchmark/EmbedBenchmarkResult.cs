namespace Millrace.GpuEmbedding.Benchmark;

/// <summary>What was measured; rates are medians of the rounds.</summary>
/// <param name="TokensPerSecond">Without padding.</param>
/// <param name="Streams">Batches that ran side by side.</param>
/// <param name="BarePostsPerSecond">The bare loop at its best: alone, or where we run batches side by side as many loops, whichever was faster.</param>
/// <param name="BareBatchSize">The batch size that was best for it.</param>
/// <param name="BareStreams">Its loops side by side; 1 if one alone was faster.</param>
/// <param name="RatioToBareLoop">Our rate by that of this loop, over the same texts sorted by length.</param>
/// <param name="RatioToArrivalLoop">The same, with the loop's texts in order of arrival, as a loop on a stream would have them.</param>
/// <param name="PaddingWaste">The part of the device's work that was padding, 0 to 1.</param>
/// <param name="TokenizeTokensPerSecond">Tokenising alone, all texts on one thread, the best of some passes.</param>
/// <param name="ProcessMiB">Memory of this process at the end.</param>
public sealed record EmbedBenchmarkResult(
    string Model, string ModelRevision, IReadOnlyList<string> Devices, int Streams, int Cores, int Rounds, int TextsPerRound, int MaxBatchTokens,
    double PostsPerSecond, double TokensPerSecond, double BarePostsPerSecond, int BareBatchSize, int BareStreams, double RatioToBareLoop,
    double RatioToArrivalLoop, double PaddingWaste, double MeanBatchTexts, double TokenizeTokensPerSecond, double ProcessMiB);
