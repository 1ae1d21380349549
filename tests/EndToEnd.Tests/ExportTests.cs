using System.Diagnostics;
using System.Text.Json.Nodes;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>What went in comes out as lines, a table and an array, and the ledger balances.</summary>
public sealed class ExportTests
{
    /// <summary>Every row of the array is the embedding of the request whose key stands at its place, bit by bit.</summary>
    private const string CheckArray = """
        import base64, csv, json, numpy, sys
        folder = sys.argv[1]
        rows = numpy.load(folder + "/embeddings.npy")
        keys = open(folder + "/embeddings.keys.txt", encoding="utf-8").read().splitlines()
        views = {v["key"]: v for v in map(json.loads, open(folder + "/results.jsonl", encoding="utf-8"))}
        assert rows.dtype == numpy.float32 and rows.shape[0] == len(keys), (rows.dtype, rows.shape, len(keys))
        for key, row in zip(keys, rows):
            vector = views[key]["result"]["embedding"]
            known = numpy.frombuffer(base64.b64decode(vector), "<f4") if isinstance(vector, str) else numpy.array(vector, "<f4")
            assert (known == row).all(), key
        table = list(csv.DictReader(open(folder + "/results.csv", encoding="utf-8", newline="")))
        assert [t["key"] for t in table] == list(views), "the table has other rows"
        scored = sum(1 for t in table if t["scores.TOXICITY"])
        foreign = sum(1 for v in views.values() if (v["result"].get("reason") or "").startswith("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"))
        print(len(views), rows.shape[0], rows.shape[1], scored, foreign)
        """;

    [Fact]
    public async Task Lines_table_and_array_agree_and_inputs_equal_outputs()
    {
        await DebianPackage.InstallAsync("python3-numpy", "/usr/lib/python3/dist-packages/numpy/__init__.py");
        using var folder = new TemporaryFolder("export");
        await using var suite = await MillraceProcess.ServeAsync("up", "--broker", "memory:", "--store", "memory:", "--log-level", "Warning");
        var posts = Path.Combine(Repository.Infra, "samples", "posts.jsonl");
        var (sent, _, why) = await MillraceProcess.RunAsync(["ingest", posts, "--to", suite.Url, "--follow", "--json"], folder.Path);
        Assert.True(sent == 0, why);

        var results = Path.Combine(folder.Path, "results");
        var (code, output, error) = await MillraceProcess.RunAsync(["export", results, "--inputs", posts, "--server", suite.Url, "--json"], folder.Path);

        Assert.True(code == 0, output + error);
        var ledger = JsonNode.Parse(output)!["reconciliation"]!;
        Assert.Equal(((int)ledger["inputs"]!, 0, 0), ((int)ledger["completed"]!, (int)ledger["missing"]!, (int)ledger["unkeyed"]!));
        var counts = (await PythonAsync(results)).Split(' ').Select(int.Parse).ToArray();
        Assert.Equal((int)ledger["inputs"]!, counts[0]);
        Assert.InRange(counts[1], 100, counts[0]);
        Assert.InRange(counts[3], 100, counts[1]);
        Assert.Equal(counts[1], counts[3] + counts[4]);
    }

    [Fact]
    public async Task A_post_that_never_went_in_is_named_and_fails_the_command()
    {
        using var folder = new TemporaryFolder("export");
        await using var suite = await MillraceProcess.ServeAsync("up", "--broker", "memory:", "--store", "memory:", "--log-level", "Warning");
        var file = Path.Combine(folder.Path, "posts.jsonl");
        await File.WriteAllTextAsync(file, """{"uri":"lost","text":"nobody sent this"}""");

        var (code, output, _) = await MillraceProcess.RunAsync(["export", Path.Combine(folder.Path, "out"), "--inputs", file, "--server", suite.Url]);
        var (usage, _, error) = await MillraceProcess.RunAsync(["export", folder.Path, "--inputs", file, "--status", "completed", "--server", suite.Url]);

        Assert.Equal((1, 2), (code, usage));
        Assert.Contains("missing: lost", output, StringComparison.Ordinal);
        Assert.Contains("--inputs", error, StringComparison.Ordinal);
    }

    private static async Task<string> PythonAsync(string folder)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", CheckArray, folder]) { RedirectStandardOutput = true })!;
        var output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.Equal(0, python.ExitCode);
        return output.Trim();
    }
}
