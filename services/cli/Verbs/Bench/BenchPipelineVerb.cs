using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.WorkflowManager.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>Requests a second through three no-op steps, durable, beside the raw rate of the same broker.</summary>
internal static class BenchPipelineVerb
{
    public static Command Create()
    {
        var defaults = new PipelineBenchmarkOptions();
        var requests = new Option<int>("--requests") { Description = "How many.", DefaultValueFactory = _ => defaults.Requests };
        var batch = new Option<int>("--batch") { Description = "Items of a step message; 0 sends each alone.", DefaultValueFactory = _ => defaults.Batch };
        var posts = new Option<int>("--posts-per-message") { Description = "Posts of one ingest message; 0 takes the batch." };
        var rate = new Option<double>("--rate") { Description = "Requests a second at fixed times, to measure latency; 0: as fast as it goes." };
        var broker = new Option<string>("--broker") { Description = "The broker.", DefaultValueFactory = _ => defaults.BrokerUrl };
        var store = new Option<string>("--store") { Description = "The store; use a new one.", DefaultValueFactory = _ => defaults.StoreUrl };
        var raw = new Option<int>("--raw-messages") { Description = "Messages of the raw measurement; 0 leaves it out.", DefaultValueFactory = _ => defaults.RawMessages };
        var json = VerbAction.JsonOption();
        var verb = new Command("pipeline", "The workflow manager with three no-op steps.") { requests, batch, posts, rate, broker, store, raw, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var options = new PipelineBenchmarkOptions
            {
                Requests = parsed.GetValue(requests),
                Batch = parsed.GetValue(batch),
                PostsPerMessage = parsed.GetValue(posts),
                RatePerSecond = parsed.GetValue(rate),
                BrokerUrl = parsed.GetRequiredValue(broker),
                StoreUrl = parsed.GetRequiredValue(store),
                RawMessages = parsed.GetValue(raw),
            };
            var result = await RateProgress.TrackAsync(output, "requests", progress => PipelineBenchmark.RunAsync(options, progress.Report, cancellationToken));
            output.Write(result, console =>
            {
                console.WriteLine($"{result.RequestsPerSecond:0} requests/s, {result.Lost} lost, {result.Commits} commits, {result.CpuSeconds:0.0} s of CPU");
                if (result.RawMessagesPerSecond is { } messages)
                    console.WriteLine($"raw broker rate {messages:0} messages/s");
                if (result.P50Ms is { } p50)
                    console.WriteLine($"from publish to result: p50 {p50:0.0} ms, p99 {result.P99Ms:0.0} ms");
            });
            return result.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }
}
