using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.DriftMonitor.Offline;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace drift A.jsonl B.jsonl</c>: do two files of vectors come from the same distribution?</summary>
internal static class DriftVerb
{
    public static Command Create()
    {
        var a = new Argument<string>("a") { Description = "JSON Lines: vectors, or objects that hold one." };
        var b = new Argument<string>("b") { Description = "The file to compare with." };
        var path = new Option<string?>("--path") { Description = "Where the vector stands in a line, such as result.embedding (default: the line, or embedding)." };
        var level = new Option<double>("--level") { Description = "The false-alarm rate.", DefaultValueFactory = _ => 0.01 };
        var permutations = new Option<int?>("--permutations") { Description = "Random permutations (default: as many as the level needs, at least 400)." };
        var frequencies = new Option<int>("--frequencies") { Description = "Random frequencies for large files.", DefaultValueFactory = _ => 256 };
        var chunk = new Option<int>("--chunk-rows") { Description = "Rows of a large file that each core holds at once; bounds memory.", DefaultValueFactory = _ => 4_096 };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same p-value.", DefaultValueFactory = _ => 1 };
        var plot = new Option<string?>("--plot") { Description = "Draw both files in two dimensions into this SVG file." };
        var json = VerbAction.JsonOption();
        var verb = new Command("drift", "Compare two files of vectors (MMD two-sample test).") { a, b, path, level, permutations, frequencies, chunk, seed, plot, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var options = new DriftComparisonOptions
            {
                Level = parsed.GetValue(level),
                Permutations = parsed.GetValue(permutations),
                Frequencies = parsed.GetValue(frequencies),
                ChunkRows = parsed.GetValue(chunk),
                Seed = parsed.GetValue(seed),
            };
            var comparison = new DriftComparison(
                new VectorFile(parsed.GetRequiredValue(a), parsed.GetValue(path)), new VectorFile(parsed.GetRequiredValue(b), parsed.GetValue(path)), options);
            try
            {
                var report = comparison.Run(cancellationToken);
                if (parsed.GetValue(plot) is { } drawing)
                    await File.WriteAllTextAsync(drawing, comparison.Draw(), cancellationToken);
                output.Write(report, console => Print(report, console));
                return ExitCodes.Ok;
            }
            catch (DriftFileException error)
            {
                return output.Fail(error.Message);
            }
        });
        return verb;
    }

    private static void Print(DriftReport report, IAnsiConsole console)
    {
        console.WriteLine(
            $"{(report.Drift ? "Drift" : "No drift")}: MMD² {report.Mmd2:0.000000} (threshold {report.Threshold:0.000000}), p {report.PValue:0.0000}, {report.RowsA} and {report.RowsB} vectors, {report.Method}");
        foreach (var row in report.Driving)
            console.WriteLine($"  line {row.Line}  {row.Post}  {row.Witness:0.0000}");
    }
}
