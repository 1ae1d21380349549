using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Millrace.Cli.Client;
using Millrace.Cli.Demo;
using Millrace.Cli.Posts;
using Millrace.Standalone;

namespace Millrace.Cli.Estimate;

/// <summary>Runs posts through an embedded suite and measures what they cost.</summary>
internal static class SampleRun
{
    private const string Workflow = "enrich-post";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <param name="sample">For an estimate, spread evenly over all posts.</param>
    /// <param name="workflows">The folder of the workflow files; null: the shipped ones.</param>
    /// <param name="settings">Beside the suite's own; may be empty.</param>
    public static async Task<SampleCost> MeasureAsync(
        IReadOnlyList<Post> sample, string? workflows, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("millrace-estimate-");
        try
        {
            var file = Path.Combine(folder.FullName, "sample.jsonl");
            await File.WriteAllBytesAsync(file, [.. sample.SelectMany(post => (byte[])[.. OneLine(post), (byte)'\n'])], cancellationToken);
            await using var app = await StartAsync(folder, workflows ?? InstallPaths.Workflows, settings, cancellationToken);
            using var client = new MillraceClient(new Uri(app.Urls.First()), key: null);
            var run = new DemoRun(client, Workflow, TimeProvider.System);
            var before = Size(folder);
            var summary = await run.RunAsync(file, Limit, _ => { }, cancellationToken);
            var results = await run.ReadResultsAsync(sample.Count, cancellationToken);
            return new SampleCost(
                summary.Accepted, results.Count(IsKept), summary.Seconds, results.Sum(InferenceMs) / 1000, Math.Max(0, Size(folder) - before));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<WebApplication> StartAsync(
        DirectoryInfo folder, string workflows, IReadOnlyDictionary<string, string?> settings, CancellationToken cancellationToken)
    {
        var options = new StandaloneOptions { StoreUrl = "sqlite:" + Path.Combine(folder.FullName, "sample.db") };
        var app = await StandaloneHost.CreateAsync(
            options,
            [new("Manager:WorkflowsFolder", workflows), new("Hosting:Port", "0"), new("Observability:LogLevel", "Error"), new("Observability:Console", "false"), .. settings],
            cancellationToken);
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static byte[] OneLine(Post post) => System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(JsonNode.Parse(post.Body.Span));

    private static long Size(DirectoryInfo folder) => folder.GetFiles("sample.db*").Sum(file => file.Length);

    private static bool IsKept(JsonNode request) => request["steps"]?.AsArray().Any(step => step?["name"]?.ToString() == "classify" && step["status"]?.ToString() == "completed") ?? false;

    private static double InferenceMs(JsonNode request) =>
        (request["result"] as JsonObject)?["timings"]?["inferenceMs"] is JsonValue value && value.TryGetValue<double>(out var ms) ? ms : 0;
}
