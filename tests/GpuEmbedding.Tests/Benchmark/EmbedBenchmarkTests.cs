using Microsoft.Extensions.Logging.Abstractions;
using Millrace.GpuEmbedding.Benchmark;
using Millrace.Inference;
using Millrace.Testing;

namespace Millrace.GpuEmbedding.Tests.Benchmark;

public sealed class EmbedBenchmarkTests
{
    [Fact]
    public async Task The_engine_is_measured_against_a_bare_loop_over_the_same_texts()
    {
        var result = await MeasureAsync(new InferenceOptions { Device = DeviceKind.Cpu, IntraOpThreads = 1 });
        Assert.True(result.PostsPerSecond > 0 && result.TokensPerSecond > result.PostsPerSecond);
        Assert.InRange(result.PaddingWaste, 0, 0.1);
        Assert.InRange(result.MeanBatchTexts, 2, 256);
        Assert.True(result.RatioToBareLoop > 0 && result.TokenizeTokensPerSecond > 0);
        Assert.Equal((1, 1), (result.Streams, result.BareStreams));
    }

    [Fact]
    public async Task An_engine_of_several_streams_is_measured_against_the_better_of_one_loop_and_as_many()
    {
        var result = await MeasureAsync(new InferenceOptions { Device = DeviceKind.Auto, CpuStreams = 3 });
        Assert.Equal(3, result.Streams);
        Assert.Contains(result.BareStreams, new[] { 1, 3 });
        Assert.Equal(result.PostsPerSecond / result.BarePostsPerSecond, result.RatioToBareLoop, 1e-6);
    }

    private static async Task<EmbedBenchmarkResult> MeasureAsync(InferenceOptions inference)
    {
        using var folder = new TemporaryFolder("benchmark");
        EmbeddingHost.WriteModel(folder.Path);
        var texts = Enumerable.Range(0, 300).Select(i => string.Join(' ', Enumerable.Repeat("mill", 1 + (i * 7 % 40)))).ToList();
        return await EmbedBenchmark.RunAsync(
            new EmbedBenchmarkOptions { ModelFolder = folder.Path, Texts = texts, TextsPerRound = 600, Rounds = 2, Inference = inference },
            TimeProvider.System, NullLoggerFactory.Instance, new Progress<string>(), CancellationToken.None);
    }
}
