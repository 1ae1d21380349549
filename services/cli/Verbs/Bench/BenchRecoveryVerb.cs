using System.CommandLine;
using Millrace.Cli.Terminal;
using Millrace.WorkflowManager.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>How soon a manager serves again after <c>kill -9</c> with many requests running.</summary>
internal static class BenchRecoveryVerb
{
    public static Command Create()
    {
        var running = new Option<int>("--running") { Description = "Requests that run when the manager is killed.", DefaultValueFactory = _ => 100_000 };
        var batch = new Option<int>("--batch") { Description = "Items of a step message; 0 sends each alone.", DefaultValueFactory = _ => 64 };
        var broker = new Option<string>("--broker") { Description = "The broker: amqp://...", Required = true };
        var store = new Option<string>("--store") { Description = "The store: sqlite:PATH or a server's; use a new one.", Required = true };
        var json = VerbAction.JsonOption();
        var verb = new Command("recovery", "A manager is killed while many requests run, and a new one takes over.") { running, batch, broker, store, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var options = new RecoveryBenchmarkOptions
            {
                Running = parsed.GetValue(running),
                Batch = parsed.GetValue(batch),
                BrokerUrl = parsed.GetRequiredValue(broker),
                StoreUrl = parsed.GetRequiredValue(store),
            };
            var result = await RateProgress.TrackAsync(
                output, "requests", progress => RecoveryBenchmark.RunAsync(options, new ManagerLauncher(), progress.Report, cancellationToken));
            output.Write(result, console => console.WriteLine(
                $"ready after {result.ReadySeconds:0.0} s, first of {result.Running} done {result.FirstSeconds:0.0} s later, all after {result.AllSeconds:0.0} s; "
                + $"{result.Lost} lost, {result.Duplicated} worked on twice"));
            return result.Lost == 0 ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }
}
