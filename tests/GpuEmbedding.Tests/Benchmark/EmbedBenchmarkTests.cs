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
        using var folder = new TemporaryFolder("benchmark");
        EmbeddingHost.WriteModel(folder.Path);
        var texts = Enumerable.Range(0, 300).Select(i => string.Join(' ', Enumerable.Repeat("mill", 1 + (i * 7 % 40)))).ToList();
        var result = await EmbedBenchmark.RunAsync(
            new EmbedBenchmarkOptions { ModelFolder = folder.Path, Texts = texts, TextsPerRound = 600, Rounds = 2, Inference = new InferenceOptions { Device = DeviceKind.Cpu } },
            TimeProvider.System, NullLoggerFactory.Instance, new Progress<string>(), CancellationToken.None);
        Assert.True(result.PostsPerSecond > 0 && result.TokensPerSecond > result.PostsPerSecond);
        Assert.InRange(result.PaddingWaste, 0, 0.1);
        Assert.InRange(result.MeanBatchTexts, 2, 256);
        Assert.True(result.RatioToBareLoop > 0 && result.TokenizeTokensPerSecond > 0);
    }
}
