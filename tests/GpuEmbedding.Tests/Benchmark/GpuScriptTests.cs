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
        var output = await RunAsync(
            ("DEVICE", "cpu"), ("BENCH", $"bash {folder.Path}/measured.sh"), ("BUDGETS", $"{Budgets[0]} {Budgets[1]} 9999"));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Assert.Contains(rates[Budgets[0]].ToString("F0"), lines[1], StringComparison.Ordinal);
        Assert.Contains(rates[Budgets[1]].ToString("F0"), lines[2], StringComparison.Ordinal);
        Assert.Equal($"best: Embedding:Batching:MaxBatchTokens={rates.MaxBy(rate => rate.Value).Key} Embedding:Batching:MaxBatchItems=256", lines[3]);
    }

    [Fact]
    public async Task Memory_is_the_peak_of_each_device_while_the_benchmark_runs()
    {
        using var folder = new TemporaryFolder("gpu-memory");
        await WriteProgramAsync(folder.Path, "nvidia-smi", $"""
            [ "$1" != -L ] || exit 0
            if mkdir "{folder.Path}/once" 2>/dev/null; then printf '0, 900\n1, 70\n10, 5\n'; else printf '0, 100\n1, 80\n10, 5\n'; touch "{folder.Path}/twice"; fi
            """);
        await WriteProgramAsync(folder.Path, "measure", $$"""
            until [ -e "{{folder.Path}}/twice" ]; do sleep 0.05; done
            echo '{"tokensPerSecond":10,"maxBatchTokens":64,"meanBatchTexts":2,"postsPerSecond":1,"paddingWaste":0.5}'
            """);
        var output = await RunAsync(
            ("DEVICE", "cuda"), ("BENCH", $"{folder.Path}/measure"), ("BUDGETS", "64"), ("PATH", $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"));
        Assert.Contains(" 900/80/5 ", output.Split('\n')[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Batches_and_rounds_grow_with_the_budget_and_a_budget_that_does_not_fit_is_the_last()
    {
        using var folder = new TemporaryFolder("gpu-arguments");
        await WriteProgramAsync(folder.Path, "measure", $$"""
            echo "$*" >>"{{folder.Path}}/arguments"
            echo '{"tokensPerSecond":10,"maxBatchTokens":65536,"meanBatchTexts":2,"postsPerSecond":1,"paddingWaste":0.5,"processMiB":7}'
            """);
        var output = await RunAsync(("DEVICE", "cpu"), ("BENCH", $"{folder.Path}/measure"), ("BUDGETS", "1024 131072 262144"), ("TEXTS", "posts.jsonl"));
        Assert.Equal(
            [
                "--json --device cpu --max-batch-tokens 1024 --max-batch-items 256 --in-flight 512 --texts-per-round 1000 --texts posts.jsonl",
                "--json --device cpu --max-batch-tokens 131072 --max-batch-items 8192 --in-flight 16384 --texts-per-round 65536 --texts posts.jsonl",
            ],
            await File.ReadAllLinesAsync(Path.Combine(folder.Path, "arguments")));
        Assert.EndsWith("best: Embedding:Batching:MaxBatchTokens=65536 Embedding:Batching:MaxBatchItems=4096\n", output, StringComparison.Ordinal);
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

    private static async Task WriteProgramAsync(string folder, string name, string script)
    {
        var path = Path.Combine(folder, name);
        await File.WriteAllTextAsync(path, $"#!/usr/bin/env bash\n{script}\n");
        await CommandLine.RunAsync("chmod", ["+x", path], folder);
    }

    private static async Task<string> RunAsync(params (string Name, string Value)[] settings) =>
        await CommandLine.RunAsync("env", [.. settings.Select(setting => $"{setting.Name}={setting.Value}"), "bash", Script()], AppContext.BaseDirectory);

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
