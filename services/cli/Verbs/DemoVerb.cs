using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Millrace.Cli.Client;
using Millrace.Cli.Demo;
using Millrace.Cli.Terminal;
using Millrace.Standalone;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace demo</c>: everything embedded, the sample posts through enrich-post. Exit code 0 only if all completed.</summary>
internal static class DemoVerb
{
    private const string Workflow = "enrich-post";

    private const int RowsShown = 24;

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static Command Create()
    {
        var json = VerbAction.JsonOption();
        var verb = new Command("demo", "See it work: everything in one process, the sample posts through a workflow.") { json };
        verb.Run(json, RunAsync);
        return verb;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Output output, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("millrace-demo-");
        try
        {
            output.Progress.WriteLine("Starting manager, preprocessing, classifier, embedder and drift monitor in this process ...");
            await using var app = await StartAsync(folder, cancellationToken);
            using var client = new MillraceClient(new Uri(app.Urls.First()), key: null);
            var run = new DemoRun(client, Workflow, TimeProvider.System);
            var summary = await FollowAsync(run, output, cancellationToken);
            if (!output.Json)
                ShowResults(output.People, await run.ReadResultsAsync(RowsShown, cancellationToken), summary);
            else
                output.WriteJson(summary);
            await app.StopAsync(cancellationToken);
            return summary.Completed == summary.Accepted ? ExitCodes.Ok : ExitCodes.Failed;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<WebApplication> StartAsync(DirectoryInfo folder, CancellationToken cancellationToken)
    {
        var options = new StandaloneOptions { StoreUrl = "sqlite:" + Path.Combine(folder.FullName, "demo.db") };
        var app = await StandaloneHost.CreateAsync(
            options,
            [
                new("Manager:WorkflowsFolder", InstallPaths.Workflows), new("Hosting:Port", "0"), new("Observability:LogLevel", "Warning"),
                new("Observability:Console", "false"), new("Observability:LogFile", Path.Combine(Path.GetTempPath(), "millrace-demo.log")),
            ],
            cancellationToken);
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static async Task<DemoSummary> FollowAsync(DemoRun run, Output output, CancellationToken cancellationToken)
    {
        if (Console.IsErrorRedirected)
            return await run.RunAsync(InstallPaths.Samples, Limit, _ => { }, cancellationToken);
        return await output.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async display =>
            {
                var bar = display.AddTask("posts");
                return await run.RunAsync(
                    InstallPaths.Samples, Limit,
                    progress =>
                    {
                        bar.MaxValue = progress.Accepted;
                        bar.Value = progress.Accepted - progress.Open;
                        bar.Description = $"{progress.Completed} completed, {progress.Failed} failed, {progress.Open} open";
                    },
                    cancellationToken);
            });
    }

    private static void ShowResults(IAnsiConsole console, IReadOnlyList<JsonNode> requests, DemoSummary summary)
    {
        var table = new Table().AddColumns("post", "text", "language", "keep", "toxicity", "embedding");
        foreach (var request in requests)
        {
            var result = request["result"] as JsonObject ?? [];
            var post = request["steps"]?.AsArray().FirstOrDefault(step => step?["name"]?.ToString() == "preprocess")?["output"] as JsonObject ?? [];
            table.AddRow([.. new[]
            {
                request["key"]?.ToString(), Shorten(request["input"]?["text"]?.ToString() ?? ""),
                post["language"]?["code"]?.ToString(), post["keep"]?.ToString(), Score(result), Dimensions(result),
            }.Select(cell => Markup.Escape(cell ?? ""))]);
        }
        console.Write(table);
        console.WriteLine($"{summary.Accepted} posts accepted, {summary.Completed} completed, {summary.Failed} failed in {summary.Seconds} s. The first {requests.Count} are shown.");
        console.WriteLine("Next: `./millrace up` serves the suite and its page on http://127.0.0.1:8080, `./millrace ingest FILES` sends posts of yours.");
    }

    private static string Score(JsonObject result) =>
        result["scores"]?["TOXICITY"] is JsonValue score && score.TryGetValue<double>(out var value)
            ? value.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture)
            : "-";

    private static string Dimensions(JsonObject result) => result["dimensions"]?.ToString() is { } dimensions ? $"{dimensions} floats" : "-";

    private static string Shorten(string text)
    {
        var line = text.ReplaceLineEndings(" ");
        return line.Length <= 48 ? line : string.Concat(line.AsSpan(0, char.IsHighSurrogate(line[46]) ? 46 : 47), "…");
    }
}
