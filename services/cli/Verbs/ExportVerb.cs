using System.CommandLine;
using Millrace.Cli.Client;
using Millrace.Cli.Export;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace export FOLDER</c>: results as JSON Lines, CSV and, for embeddings, a NumPy array; with a reconciliation.</summary>
internal static class ExportVerb
{
    private const string DefaultWorkflow = "enrich-post";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Made if it is missing; files in it are replaced." };
        var inputs = new Option<string[]>("--inputs") { Description = $"The post files that went in: every key in them is looked for in the results of --workflow ({DefaultWorkflow} if it is left out).", AllowMultipleArgumentsPerToken = true };
        var json = VerbAction.JsonOption();
        var filter = new FilterOptions();
        var server = new ServerOptions();
        var verb = new Command("export", "Write results to files and reconcile them with the inputs.") { folder, inputs, json };
        filter.AddTo(verb);
        server.AddTo(verb);
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var files = parsed.GetValue(inputs) ?? [];
            if (files.Length > 0 && filter.IsPartial(parsed))
            {
                Console.Error.WriteLine("--inputs looks for every post of the files, so only --workflow goes with it: other filters would make posts look missing.");
                return ExitCodes.Usage;
            }
            using var client = server.Connect(parsed);
            var run = new ExportRun(client, filter.ToQuery(parsed, ("limit", "200")), parsed.GetRequiredValue(folder));
            var summary = await RateProgress.TrackAsync(
                output, "requests", progress => run.RunAsync(files, filter.Workflow(parsed) ?? DefaultWorkflow, progress, cancellationToken));
            output.Write(summary, console => Show(console, summary, parsed.GetRequiredValue(folder)));
            return summary.Reconciliation is { Missing: > 0 } ? ExitCodes.Failed : ExitCodes.Ok;
        });
        return verb;
    }

    private static void Show(IAnsiConsole console, ExportSummary summary, string folder)
    {
        console.WriteLine($"{summary.Requests} requests, {summary.Embeddings} embeddings written to {folder}");
        if (summary.EmbeddingsLeftOut > 0)
            console.WriteLine($"{summary.EmbeddingsLeftOut} embeddings of another length are in results.jsonl only");
        if (summary.Reconciliation is not { } ledger)
            return;
        console.WriteLine($"{ledger.Posts} posts with {ledger.Inputs} keys: {ledger.Completed} completed, {ledger.Failed} failed, {ledger.Open} still open, {ledger.Missing} missing");
        if (ledger.Unkeyed > 0)
            console.WriteLine($"{ledger.Unkeyed} posts have no key and can't be looked for");
        foreach (var key in ledger.MissingKeys)
            console.WriteLine("missing: " + key);
    }
}
