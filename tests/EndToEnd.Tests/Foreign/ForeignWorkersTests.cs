using System.Text.RegularExpressions;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Foreign;

/// <summary>
/// The example of pedro-r-marques/workflow as it is: its configuration and its worker files, not a line changed, against Millrace. They
/// are not part of this repository, so the test runs where <c>MILLRACE_FOREIGN_WORKERS</c> names a checkout of theirs.
/// </summary>
public sealed partial class ForeignWorkersTests
{
    private const string Workflow = "book-word-counts";

    private static readonly string? Checkout = Environment.GetEnvironmentVariable("MILLRACE_FOREIGN_WORKERS");

    [Fact]
    public async Task The_Python_workers_count_the_words_of_the_book()
    {
        await using var place = await OpenAsync();
        await StartPythonAsync(place, "book_split", "segment_word_counts", "store_title", "sum_splits");

        await AssertCountsAsync(place);
    }

    [Fact]
    public async Task The_JavaScript_workers_do_the_same_beside_them()
    {
        await using var place = await OpenAsync();
        var compiled = await CompileAsync(place.Scratch);
        await StartPythonAsync(place, "book_split", "store_title");
        foreach (var worker in new[] { "segment_word_counts.js", "sum_splits.js" })
            await place.NodeAsync(Checkout!, Path.Combine(compiled, worker));

        await AssertCountsAsync(place);
    }

    [Fact]
    public async Task Its_configuration_files_load_and_those_that_it_refuses_are_refused()
    {
        SkipWithoutCheckout();
        var files = Directory.GetFiles(Checkout!, "*.yaml", SearchOption.AllDirectories)
            .Where(file => !Path.GetRelativePath(Checkout!, file).StartsWith('.')).ToList();
        Assert.True(files.Count >= 8, $"{files.Count} files");
        foreach (var file in files)
        {
            var (code, output, error) = await MillraceProcess.RunAsync(["validate", file]);
            var isBad = Path.GetFileName(file).StartsWith("err", StringComparison.Ordinal);
            Assert.True(code == (isBad ? 1 : 0), file + output + error);
        }
    }

    private static void SkipWithoutCheckout() =>
        Assert.SkipWhen(Checkout is null, "MILLRACE_FOREIGN_WORKERS does not name a checkout of pedro-r-marques/workflow.");

    private static async Task<ForeignPlace> OpenAsync()
    {
        SkipWithoutCheckout();
        return await ForeignPlace.OpenAsync(Path.Combine(Checkout!, "examples", "word-counts", "config.yaml"));
    }

    private static async Task StartPythonAsync(ForeignPlace place, params string[] workers)
    {
        await DebianPackage.InstallAsync("python3-tornado", "/usr/lib/python3/dist-packages/tornado/__init__.py");
        foreach (var worker in workers)
            await place.PythonAsync(Checkout!, Path.Combine("examples", "word-counts", worker + ".py"));
    }

    /// <summary>Their TypeScript is compiled elsewhere, so that the checkout stays as it is.</summary>
    private static async Task<string> CompileAsync(string scratch)
    {
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "compiled")).FullName;
        await CommandLine.RunAsync(
            "npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", "amqplib@0.8", "@types/amqplib@0.8", "@types/node@16", "typescript@4"], folder);
        var library = Path.Combine(folder, "node_modules", "jsworker");
        await RunCompilerAsync(folder, library, Path.Combine("jsworker", "src", "index.ts"));
        await RunCompilerAsync(
            folder, folder, Path.Combine("examples", "word-counts-js", "src", "segment_word_counts.ts"),
            Path.Combine("examples", "word-counts-js", "src", "sum_splits.ts"));
        return folder;
    }

    private static async Task RunCompilerAsync(string folder, string target, params string[] sources)
    {
        var copies = new List<string>();
        foreach (var source in sources)
        {
            // Beside the packages, where the compiler looks for them.
            var copy = Directory.CreateDirectory(Path.Combine(folder, "src", source.Split(Path.DirectorySeparatorChar)[0])).FullName;
            foreach (var file in Directory.GetFiles(Path.Combine(Checkout!, Path.GetDirectoryName(source)!), "*.ts").Where(file => !file.Contains(".spec.", StringComparison.Ordinal)))
                File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
            copies.Add(Path.Combine(copy, Path.GetFileName(source)));
        }
        await CommandLine.RunAsync(
            Path.Combine(folder, "node_modules", ".bin", "tsc"),
            ["--target", "es2018", "--module", "commonjs", "--strict", "--declaration", "--skipLibCheck", "--types", "node", "--outDir", target, .. copies], folder);
    }

    private static async Task AssertCountsAsync(ForeignPlace place)
    {
        var book = Path.Combine("examples", "word-counts", "Alice_in_Wonderland.txt");
        var request = await place.RunAsync(Workflow, $$"""{"filename":"{{book}}"}""");

        Assert.True(request["status"]!.ToString() == "completed", request.ToJsonString() + place.Logs);
        Assert.Contains("Alice", request["result"]!["title"]!.ToString(), StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(request["result"]!["sum_splits"]!.ToString());
        var counts = lines.Select(line => line.Split('\t')).ToDictionary(pair => pair[0], pair => int.Parse(pair[1]));
        Assert.Equal(CountWords(await File.ReadAllLinesAsync(Path.Combine(Checkout!, book))), counts);
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{(await place.Manager.GetAsync("api/requests?parent=" + request["id"]))["items"]!.AsArray().Count} sections, {counts.Count} words; {request["result"]}");
    }

    /// <summary>Counted here once more: everything from the first chapter's heading on.</summary>
    private static Dictionary<string, int> CountWords(string[] lines) => lines
        .SkipWhile(line => !Chapter().IsMatch(line))
        .SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        .GroupBy(word => word).ToDictionary(group => group.Key, group => group.Count());

    [GeneratedRegex(@"^CHAPTER [XIV]+\.$")]
    private static partial Regex Chapter();
}
