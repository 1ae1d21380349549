using System.CommandLine;
using System.Globalization;
using Millrace.Cli.Terminal;
using Millrace.Contracts;
using Millrace.WorkflowManager.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>Requests a second through three no-op steps, durable, beside the raw rate of the same broker.</summary>
internal static class BenchPipelineVerb
{
    private static readonly PipelineBenchmarkOptions Defaults = new();

    private static readonly Option<int> Requests = new("--requests") { Description = "How many.", DefaultValueFactory = _ => Defaults.Requests };
    private static readonly Option<int> Batch = new("--batch") { Description = "Items of a step message; 0 sends each alone.", DefaultValueFactory = _ => Defaults.Batch };
    private static readonly Option<int> Posts = new("--posts-per-message") { Description = "Posts of one ingest message; 0 takes the batch." };
    private static readonly Option<double> Rate = new("--rate") { Description = "Requests a second at fixed times, to measure latency; 0: as fast as it goes." };
    private static readonly Option<string> Broker = new("--broker") { Description = "The broker.", DefaultValueFactory = _ => Defaults.BrokerUrl };
    private static readonly Option<string> Store = new("--store") { Description = "The store; use a new one.", DefaultValueFactory = _ => Defaults.StoreUrl };
    private static readonly Option<int> Raw = new("--raw-messages") { Description = "Messages of the raw measurement; 0 leaves it out.", DefaultValueFactory = _ => Defaults.RawMessages };
    private static readonly Option<int> Managers = new("--managers") { Description = "Managers as processes of their own; 0: one in this process." };
    private static readonly Option<int> Stored = new("--stored") { Description = "Finished requests that the store holds before the run; what it lacks is written." };
    private static readonly Option<string[]> Watch = new("--watch") { Description = "NAME=PROCESS-ID of a broker or store on this machine, to tell its use of the CPU." };

    public static Command Create()
    {
        var json = VerbAction.JsonOption();
        var verb = new Command("pipeline", "The workflow manager with three no-op steps.")
        {
            Requests, Batch, Posts, Rate, Broker, Store, Raw, Managers, Stored, Watch, json,
        };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var options = ReadOptions(parsed);
            var result = await RateProgress.TrackAsync(
                output, "requests", progress => PipelineBenchmark.RunAsync(options, new ManagerLauncher(), progress.Report, cancellationToken));
            output.Write(result, console => Show(result, console));
            return result.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }

    private static PipelineBenchmarkOptions ReadOptions(ParseResult parsed) => new()
    {
        Requests = parsed.GetValue(Requests),
        Batch = parsed.GetValue(Batch),
        PostsPerMessage = parsed.GetValue(Posts),
        RatePerSecond = parsed.GetValue(Rate),
        BrokerUrl = parsed.GetRequiredValue(Broker),
        StoreUrl = parsed.GetRequiredValue(Store),
        RawMessages = parsed.GetValue(Raw),
        Managers = parsed.GetValue(Managers),
        Stored = parsed.GetValue(Stored),
        Watched = [.. (parsed.GetValue(Watch) ?? []).Select(ReadWatched)],
    };

    private static KeyValuePair<string, int> ReadWatched(string text) =>
        text.Split('=') is [var name, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            ? KeyValuePair.Create(name, process)
            : throw new ConfigurationException($"--watch {text} is not of the form NAME=PROCESS-ID.");

    private static void Show(PipelineBenchmarkResult result, IAnsiConsole console)
    {
        console.WriteLine($"{result.RequestsPerSecond:0} requests/s, {result.Lost} lost, {result.Stored} stored before");
        if (result.RawMessagesPerSecond is { } messages)
            console.WriteLine($"raw broker rate {messages:0} messages/s");
        Show("from publish to result", result.Latency, console);
        Show("  without the first seconds", result.LatencyAfterWarmUp, console);
        Show("one commit", result.Commit, console);
        Show("one raw sync of the disk", result.RawSync, console);
        Show("a sleeping thread woken too late", result.RawWake, console);
        foreach (var process in result.Processes)
            console.WriteLine($"{process.Name}: {process.Cores:0.00} cores, {process.MemoryMegabytes:0} MB, at most {process.PeakMegabytes:0} MB");
        foreach (var page in result.FirstPages)
            Show($"GET /api/requests?{page.Query} ({page.Items})", page.Spread, console);
    }

    private static void Show(string what, Spread? spread, IAnsiConsole console)
    {
        if (spread is not null)
            console.WriteLine($"{what}: p50 {spread.P50Ms:0.0} ms, p99 {spread.P99Ms:0.0} ms, longest {spread.MaxMs:0.0} ms");
    }
}
