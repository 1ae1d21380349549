using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsvHelper;
using Millrace.Cli.Client;
using Millrace.Cli.Posts;
using Millrace.DriftMonitor.Sources;

namespace Millrace.Cli.Export;

/// <param name="Missing">Inputs without any request.</param>
internal sealed record Reconciliation(int Inputs, int Completed, int Failed, int Open, int Missing, IReadOnlyList<string> MissingKeys);

internal sealed record ExportSummary(int Requests, int Embeddings, Reconciliation? Reconciliation);

/// <summary>
/// Reads all matching requests page by page and writes <c>results.jsonl</c> (whole views), <c>results.csv</c> (one row a request,
/// scalar results as columns), <c>embeddings.npy</c> and <c>embeddings.keys.txt</c> (its row's keys).
/// </summary>
internal sealed class ExportRun(MillraceClient client, string query, string folder)
{
    private const int MaxMissingShown = 20;

    private readonly Dictionary<string, string> _statuses = [];

    public async Task<ExportSummary> RunAsync(IReadOnlyList<string> inputs, IProgress<long> progress, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        await using var lines = new StreamWriter(Path.Combine(folder, "results.jsonl"), append: false, new UTF8Encoding(false));
        await using var csv = new CsvWriter(new StreamWriter(Path.Combine(folder, "results.csv")), CultureInfo.InvariantCulture);
        using var embeddings = new NpyFile(Path.Combine(folder, "embeddings.npy"));
        await using var keys = new StreamWriter(Path.Combine(folder, "embeddings.keys.txt"));
        string[]? columns = null;
        var requests = 0;
        await foreach (var request in ReadAllAsync(cancellationToken))
        {
            var key = request["key"]?.ToString() ?? request["id"]!.ToString();
            _statuses[key] = request["status"]!.ToString();
            await lines.WriteLineAsync(request.ToJsonString().AsMemory(), cancellationToken);
            columns ??= WriteHeader(csv, request);
            WriteRow(csv, columns, request);
            if (Embedding(request) is { } vector && embeddings.TryAdd(vector))
                await keys.WriteLineAsync(key.AsMemory(), cancellationToken);
            progress.Report(++requests);
        }
        return new ExportSummary(requests, embeddings.Rows, inputs.Count == 0 ? null : await ReconcileAsync(inputs, cancellationToken));
    }

    private async IAsyncEnumerable<JsonNode> ReadAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await client.GetAsync($"api/requests{query}{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}", cancellationToken);
            foreach (var item in page["items"]!.AsArray())
                yield return await client.GetAsync($"api/requests/{item!["id"]}", cancellationToken);
            after = page["next"]?.ToString();
        }
        while (after is not null);
    }

    private static string[] WriteHeader(CsvWriter csv, JsonNode request)
    {
        var columns = (request["result"] as JsonObject ?? []).Where(item => item.Value is JsonValue && item.Key != "embedding").Select(item => item.Key).ToArray();
        foreach (var column in (string[])["id", "workflow", "key", "status", "createdAt", "updatedAt", .. columns])
            csv.WriteField(column);
        csv.NextRecord();
        return columns;
    }

    private static void WriteRow(CsvWriter csv, string[] columns, JsonNode request)
    {
        foreach (var name in (string[])["id", "workflow", "key", "status", "createdAt", "updatedAt"])
            csv.WriteField(request[name]?.ToString());
        foreach (var column in columns)
            csv.WriteField((request["result"] as JsonObject)?[column]?.ToString());
        csv.NextRecord();
    }

    private static float[]? Embedding(JsonNode request)
    {
        if ((request["result"] as JsonObject)?["embedding"] is not { } node)
            return null;
        return VectorReader.TryRead(JsonSerializer.SerializeToElement(node), out var vector) ? vector : null;
    }

    private async Task<Reconciliation> ReconcileAsync(IReadOnlyList<string> inputs, CancellationToken cancellationToken)
    {
        var found = new HashSet<string>();
        foreach (var file in inputs)
        {
            await foreach (var post in PostFile.ReadAsync(file, cancellationToken))
                found.Add(KeyOf(post));
        }
        var missing = found.Where(key => !_statuses.ContainsKey(key)).ToArray();
        int Count(string status) => found.Count(key => _statuses.GetValueOrDefault(key) == status);
        return new Reconciliation(
            found.Count, Count("completed"), Count("failed") + Count("cancelled"), Count("running"), missing.Length, [.. missing.Take(MaxMissingShown)]);
    }

    private static string KeyOf(Post post)
    {
        try
        {
            return JsonNode.Parse(post.Body.Span)?["uri"]?.ToString() ?? $"({post.Source} has no uri)";
        }
        catch (JsonException)
        {
            return $"({post.Source} is no JSON)";
        }
    }
}
