using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Classifying;
using Millrace.Cli.Posts;
using Millrace.Cli.Terminal;
using Millrace.PerspectiveClassifier.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>
/// How much of a quota the Perspective client uses, against any compatible API; from a checkout, against the tests' emulator. With
/// replicas, through the manager and the bus; with <c>--local</c>, how fast the local model is there.
/// </summary>
internal static class BenchClassifyVerb
{
    private static readonly Option<Uri?> Url = UrlOption.Create("--url", "A Perspective-compatible API (default: an emulator that this starts, from a checkout).");
    private static readonly Option<int> Permits = new("--permits") { Description = "Calls in one window of the quota.", DefaultValueFactory = _ => 50 };
    private static readonly Option<double> Window = new("--window-seconds") { Description = "The window: 1, or 60 for a quota a minute.", DefaultValueFactory = _ => 1 };
    private static readonly Option<double> Duration = new("--duration-seconds") { Description = "How long.", DefaultValueFactory = _ => 120 };
    private static readonly Option<double> Outage = new("--outage-seconds") { Description = "Emulator only: answer 503 for this long, from a third of the run on." };
    private static readonly Option<int> Replicas = new("--replicas") { Description = "Classifier services that share the quota, behind the manager and the bus; 0: the client alone." };
    private static readonly Option<string> Broker = new("--broker") { Description = "With --replicas or --local: the bus.", DefaultValueFactory = _ => "memory:" };
    private static readonly Option<string?> Local = new("--local") { Description = "Instead: the texts of this post file through manager, bus and the local model." };
    private static readonly Option<double?> Require = new("--require") { Description = "Percent of the quota that must be used: below it, or with a 429 after the start, the exit code is not 0." };
    private static readonly Option<int> Posts = new("--posts") { Description = "With --local: how many.", DefaultValueFactory = _ => 45_000 };

    public static Command Create()
    {
        var json = VerbAction.JsonOption();
        var verb = new Command("classify", "The Perspective client's use of its quota, or the local model's speed behind the bus.")
        {
            Url, Permits, Window, Duration, Outage, Require, Replicas, Broker, Local, Posts, json,
        };
        verb.Run(json, (parsed, output, cancellationToken) => parsed.GetValue(Local) is { } file
            ? ScoreHereAsync(parsed, file, output, cancellationToken)
            : UseQuotaAsync(parsed, output, cancellationToken));
        return verb;
    }

    private static async Task<int> ScoreHereAsync(ParseResult parsed, string file, Output output, CancellationToken cancellationToken)
    {
        var texts = await PostTexts.ReadAsync(file, parsed.GetValue(Posts), cancellationToken);
        var report = await SuiteBench.RunAsync(
            new SuiteBenchOptions { BrokerUrl = parsed.GetRequiredValue(Broker), Texts = texts, Replicas = Math.Max(1, parsed.GetValue(Replicas)) }, cancellationToken);
        output.Write(report, console => console.WriteLine(
            $"{report.PostsPerSecond:0} posts/s from ingest to result, {report.CpuSeconds:0.0} s of CPU, {report.Labelled} of {report.Posts} labelled, {report.Lost} lost"));
        return report.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<int> UseQuotaAsync(ParseResult parsed, Output output, CancellationToken cancellationToken)
    {
        var options = new ClassifyBenchmarkOptions
        {
            BaseUrl = parsed.GetValue(Url) ?? new Uri("http://127.0.0.1"),
            QuotaPermits = parsed.GetValue(Permits),
            QuotaWindowSeconds = parsed.GetValue(Window),
            DurationSeconds = parsed.GetValue(Duration),
        };
        await using var emulator = parsed.GetValue(Url) is null
            ? await EmulatorProcess.StartAsync(options, parsed.GetValue(Outage), cancellationToken)
            : null;
        options = emulator is null ? options : options with { BaseUrl = emulator.Url };
        output.Progress.WriteLine($"{options.DurationSeconds:0} s against {options.BaseUrl} ...");
        return parsed.GetValue(Replicas) > 0
            ? await ShareAsync(parsed, options, emulator, output, cancellationToken)
            : await CallAsync(options, emulator, parsed.GetValue(Require), output, cancellationToken);
    }

    private static async Task<int> CallAsync(
        ClassifyBenchmarkOptions options, EmulatorProcess? emulator, double? require, Output output, CancellationToken cancellationToken)
    {
        var client = await new ClassifyBenchmark(options).RunAsync(progress: null, cancellationToken);
        var server = emulator is null ? null : await emulator.ReadStatisticsAsync(cancellationToken);
        output.Write(new { client, server }, console =>
        {
            console.WriteLine(
                $"{client.QuotaUsedPercent:0.0} % of the quota used, {client.QuotaRefusals} answers of 429, {client.Labelled} of {client.Posts} labelled, {client.Lost} lost, p50 {client.P50Ms:0} ms");
            Show(console, server);
        });
        if (require is { } percent && client.Misses(percent) is { } missed)
            return output.Fail(missed);
        return client.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static async Task<int> ShareAsync(
        ParseResult parsed, ClassifyBenchmarkOptions options, EmulatorProcess? emulator, Output output, CancellationToken cancellationToken)
    {
        var posts = (int)(options.DurationSeconds * options.QuotaPermits / options.QuotaWindowSeconds);
        var suite = await SuiteBench.RunAsync(
            new SuiteBenchOptions
            {
                BrokerUrl = parsed.GetRequiredValue(Broker),
                Texts = [.. Enumerable.Range(1, posts).Select(number => string.Create(CultureInfo.InvariantCulture, $"Post number {number} of the measurement."))],
                Replicas = parsed.GetValue(Replicas),
                Api = options.BaseUrl,
                QuotaPermits = options.QuotaPermits,
                QuotaWindowSeconds = options.QuotaWindowSeconds,
            },
            cancellationToken);
        var server = emulator is null ? null : await emulator.ReadStatisticsAsync(cancellationToken);
        output.Write(new { suite, server }, console =>
        {
            console.WriteLine(
                $"{suite.QuotaUsedPercent:0.0} % of the quota used by {suite.Replicas} replicas, {suite.Labelled} of {suite.Posts} labelled, {suite.Lost} lost");
            Show(console, server);
        });
        if (parsed.GetValue(Require) is { } percent && (suite.QuotaUsedPercent < percent || server is { Refused: > 0 }))
            return output.Fail($"{suite.QuotaUsedPercent:0.0} % of the quota were used and {percent:0.0} % are required; {server?.Refused ?? 0} calls were refused.");
        return suite.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static void Show(IAnsiConsole console, EmulatorView? server)
    {
        if (server is not null)
            console.WriteLine(
                $"the emulator counted {server.Calls} calls, {server.Refused} refused, at most {server.MaxInAnySecond} in any second, {server.MaxInAnySecondAfterOutage} after an outage");
    }
}
