using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.PerspectiveClassifier.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>How much of a quota the Perspective client uses, against any compatible API; from a checkout, against the tests' emulator.</summary>
internal static class BenchClassifyVerb
{
    public static Command Create()
    {
        var url = UrlOption.Create("--url", "A Perspective-compatible API (default: an emulator that this starts, from a checkout).");
        var permits = new Option<int>("--permits") { Description = "Calls in one window of the quota.", DefaultValueFactory = _ => 50 };
        var window = new Option<double>("--window-seconds") { Description = "The window: 1, or 60 for a quota a minute.", DefaultValueFactory = _ => 1 };
        var duration = new Option<double>("--duration-seconds") { Description = "How long.", DefaultValueFactory = _ => 120 };
        var outage = new Option<double>("--outage-seconds") { Description = "Emulator only: answer nothing for this long in the middle of the run." };
        var json = VerbAction.JsonOption();
        var verb = new Command("classify", "The Perspective client's use of its quota.") { url, permits, window, duration, outage, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var options = new ClassifyBenchmarkOptions
            {
                BaseUrl = parsed.GetValue(url) ?? new Uri("http://127.0.0.1"),
                QuotaPermits = parsed.GetValue(permits),
                QuotaWindowSeconds = parsed.GetValue(window),
                DurationSeconds = parsed.GetValue(duration),
            };
            await using var emulator = parsed.GetValue(url) is null
                ? await EmulatorProcess.StartAsync(options, parsed.GetValue(outage), cancellationToken)
                : null;
            options = emulator is null ? options : options with { BaseUrl = emulator.Url };
            output.Progress.WriteLine($"{options.DurationSeconds:0} s against {options.BaseUrl} ...");
            var report = await new ClassifyBenchmark(options).RunAsync(progress: null, cancellationToken);
            output.Write(report, console => console.WriteLine(
                $"{report.QuotaUsedPercent:0.0} % of the quota used, {report.QuotaRefusals} answers of 429, {report.Labelled} of {report.Posts} labelled, {report.Lost} lost, p50 {report.P50Ms:0} ms"));
            return report.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }
}
