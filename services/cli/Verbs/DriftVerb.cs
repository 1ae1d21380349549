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
        var permutations = new Option<int>("--permutations") { Description = "Random permutations.", DefaultValueFactory = _ => 400 };
        var frequencies = new Option<int>("--frequencies") { Description = "Random frequencies for large files.", DefaultValueFactory = _ => 256 };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same p-value.", DefaultValueFactory = _ => 1 };
        var json = VerbAction.JsonOption();
        var verb = new Command("drift", "Compare two files of vectors (MMD two-sample test).") { a, b, path, level, permutations, frequencies, seed, json };
        verb.Run(json, (parsed, output, cancellationToken) =>
        {
            try
            {
                var report = DriftComparison.Compare(
                    DriftComparison.ReadFile(parsed.GetRequiredValue(a), parsed.GetValue(path)), DriftComparison.ReadFile(parsed.GetRequiredValue(b), parsed.GetValue(path)),
                    parsed.GetValue(level), parsed.GetValue(permutations), parsed.GetValue(frequencies), parsed.GetValue(seed), cancellationToken);
                output.Write(report, console => console.WriteLine(
                    $"{(report.Drift ? "Drift" : "No drift")}: MMD² {report.Mmd2:0.000000} (threshold {report.Threshold:0.000000}), p {report.PValue:0.0000}, {report.RowsA} and {report.RowsB} vectors, {report.Method}"));
                return Task.FromResult(ExitCodes.Ok);
            }
            catch (Exception error) when (error is DriftFileException or ArgumentException)
            {
                return Task.FromResult(output.Fail(error.Message));
            }
        });
        return verb;
    }
}
