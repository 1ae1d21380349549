using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Export;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace export FOLDER</c>: results as JSON Lines, CSV and, for embeddings, a NumPy array; with a reconciliation.</summary>
internal static class ExportVerb
{
    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Made if it is missing; files in it are replaced." };
        var inputs = new Option<string[]>("--inputs") { Description = "The post files that went in: every key in them is looked for in the results.", AllowMultipleArgumentsPerToken = true };
        var json = VerbAction.JsonOption();
        var filter = new FilterOptions();
        var server = new ServerOptions();
        var verb = new Command("export", "Write results to files and reconcile them with the inputs.") { folder, inputs, json };
        filter.AddTo(verb);
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            using var client = server.Connect(parsed);
            var run = new ExportRun(client, filter.ToQuery(parsed, ("limit", "200")), parsed.GetRequiredValue(folder));
            var summary = await RateProgress.TrackAsync(output, "requests", progress => run.RunAsync(parsed.GetValue(inputs) ?? [], progress, cancellationToken));
            output.Write(summary, console =>
            {
                console.WriteLine($"{summary.Requests} requests, {summary.Embeddings} embeddings written to {parsed.GetRequiredValue(folder)}");
                if (summary.Reconciliation is { } ledger)
                    console.WriteLine($"inputs {ledger.Inputs}: {ledger.Completed} completed, {ledger.Failed} failed, {ledger.Open} still open, {ledger.Missing} missing");
                foreach (var key in summary.Reconciliation?.MissingKeys ?? [])
                    console.WriteLine("missing: " + key);
            });
            return summary.Reconciliation is { Missing: > 0 } ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return verb;
    }
}
