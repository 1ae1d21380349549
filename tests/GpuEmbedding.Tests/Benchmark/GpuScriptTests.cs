using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Contracts;
using Millrace.GpuEmbedding.Benchmark;
using Millrace.Inference;
using Millrace.Inference.Batching;
using Millrace.Testing;

namespace Millrace.GpuEmbedding.Tests.Benchmark;

/// <summary>The script that a person with a GPU runs, dry: figures measured on the CPU, one file a budget.</summary>
public sealed class GpuScriptTests
{
    private static readonly int[] Budgets = [128, 1_024];

    [Fact]
    public async Task The_script_prints_a_row_a_budget_and_chooses_the_fastest()
    {
        using var folder = new TemporaryFolder("gpu-script");
        EmbeddingHost.WriteModel(folder.Path);
        var rates = new Dictionary<int, double>();
        foreach (var budget in Budgets)
        {
            var result = await MeasureAsync(folder.Path, budget);
            rates[budget] = result.TokensPerSecond;
            await File.WriteAllTextAsync(Path.Combine(folder.Path, $"{budget}.result"), JsonSerializer.Serialize(result, MillraceJson.Options));
        }
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "measured.sh"), $$"""
            while [ "$1" != --max-batch-tokens ]; do shift; done
            cat "{{folder.Path}}/$2.result"
            """);
        var output = await RunAsync($"bash {folder.Path}/measured.sh", $"{Budgets[0]} {Budgets[1]} 9999");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Contains(rates[Budgets[0]].ToString("F0"), lines[1], StringComparison.Ordinal);
        Assert.Contains(rates[Budgets[1]].ToString("F0"), lines[2], StringComparison.Ordinal);
        Assert.Equal($"best: Embedding:Batching:MaxBatchTokens={rates.MaxBy(rate => rate.Value).Key}", lines[3]);
    }

    private static Task<EmbedBenchmarkResult> MeasureAsync(string folder, int budget) => EmbedBenchmark.RunAsync(
        new EmbedBenchmarkOptions
        {
            ModelFolder = folder,
            Texts = [.. Enumerable.Range(0, 100).Select(i => string.Join(' ', Enumerable.Repeat("mill", 1 + (i % 30))))],
            TextsPerRound = 200,
            Rounds = 1,
            Inference = new InferenceOptions { Device = DeviceKind.Cpu, Batching = new EngineOptions { MaxBatchTokens = budget } },
        },
        TimeProvider.System, NullLoggerFactory.Instance, new Progress<string>(), CancellationToken.None);

    private static async Task<string> RunAsync(string bench, string budgets)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Script()])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["DEVICE"] = "cpu", ["BENCH"] = bench, ["BUDGETS"] = budgets },
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, await errors);
        return output;
    }

    private static string Script()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Path.Combine(folder.FullName, "infra", "gpu", "bench-gpu.sh") is var script && File.Exists(script))
                return script;
        }
        throw new FileNotFoundException("infra/gpu/bench-gpu.sh is not above the tests.");
    }
}
