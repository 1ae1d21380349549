using System.Text.Json;
using Millrace.Inference.Onnx;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Bench;

/// <summary>The script that a person with a GPU runs, with the real verb, on a CPU.</summary>
public sealed class GpuScriptTests
{
    private static readonly string[] Words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "mill", "race"];

    [Fact]
    public async Task The_real_benchmark_fills_every_column_of_the_table()
    {
        using var folder = new TemporaryFolder("gpu-script");
        var model = Path.Combine(folder.Path, "model");
        WriteModel(model);
        var posts = Path.Combine(folder.Path, "posts.jsonl");
        await File.WriteAllLinesAsync(posts, Enumerable.Range(0, 40).Select(i =>
            JsonSerializer.Serialize(new { uri = $"post-{i}", text = string.Join(' ', Enumerable.Repeat("mill", 1 + (i % 20))) })), TestContext.Current.CancellationToken);

        var output = await CommandLine.RunAsync(
            "env",
            ["DEVICE=cpu", "BUDGETS=64 256", $"TEXTS={posts}", "ROUND_TEXTS=100", $"BENCH=dotnet {MillraceProcess.Program} bench embed", "bash", Script(), model],
            folder.Path, TestContext.Current.CancellationToken);

        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        var rows = lines[1..3].Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.Equal(["64", "256"], rows.Select(row => row[0]));
        Assert.All(rows, row => Assert.Equal(6, row.Length));
        Assert.All(rows, row => Assert.All(row[1..5], cell => Assert.True(double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture) > 0, cell)));
        Assert.StartsWith("best: Embedding:Batching:MaxBatchTokens=", lines[3], StringComparison.Ordinal);
    }

    private static void WriteModel(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllLines(Path.Combine(folder, "vocab.txt"), Words);
        File.WriteAllText(Path.Combine(folder, "config.json"), """{"model_type":"bert","max_position_embeddings":64}""");
        RandomEncoder.Write(Path.Combine(folder, "model.onnx"), new EncoderShape(1, 16, 2, Words.Length, 64), seed: 3);
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
