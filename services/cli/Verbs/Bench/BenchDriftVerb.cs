using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.DriftMonitor.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>The exact and the linear drift test on made-up vectors, beside a pairwise loop.</summary>
internal static class BenchDriftVerb
{
    public static Command Create()
    {
        var exact = new Option<int>("--exact-rows") { Description = "Rows of each sample in the exact test.", DefaultValueFactory = _ => 20_000 };
        var linear = new Option<long>("--linear-rows") { Description = "Rows of each sample in the linear test.", DefaultValueFactory = _ => 1_000_000 };
        var dimensions = new Option<int>("--dimensions") { Description = "Length of a vector.", DefaultValueFactory = _ => 384 };
        var frequencies = new Option<int>("--frequencies") { Description = "Random frequencies of the linear test.", DefaultValueFactory = _ => 256 };
        var chunk = new Option<int>("--chunk-rows") { Description = "Rows that a thread holds at once.", DefaultValueFactory = _ => 2_000 };
        var json = VerbAction.JsonOption();
        var verb = new Command("drift", "The two-sample tests.") { exact, linear, dimensions, frequencies, chunk, json };
        verb.Run(json, (parsed, output, cancellationToken) =>
        {
            var result = DriftBenchmark.Run(
                parsed.GetValue(exact), parsed.GetValue(linear), parsed.GetValue(dimensions), parsed.GetValue(frequencies), parsed.GetValue(chunk), cancellationToken);
            output.Write(result, console =>
            {
                console.WriteLine($"exact, {result.ExactRows} x {result.ExactRows}, {result.Permutations} permutations: {result.ExactSeconds:0.0} s, {result.RatioToNaive:0} times a pairwise loop, {result.Cores} cores");
                console.WriteLine($"linear, {result.LinearRows} x {result.LinearRows}: {result.LinearSeconds:0.0} s, {result.PeakMiB:0} MiB");
            });
            return Task.FromResult(ExitCodes.Ok);
        });
        return verb;
    }
}
