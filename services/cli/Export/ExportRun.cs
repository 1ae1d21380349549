using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Cli.Client;
using Millrace.DriftMonitor.Sources;

namespace Millrace.Cli.Export;

/// <param name="Embeddings">Rows of <c>embeddings.npy</c>.</param>
/// <param name="EmbeddingsLeftOut">Vectors of another length than the first, which one array can't hold.</param>
internal sealed record ExportSummary(long Requests, int Embeddings, int EmbeddingsLeftOut, Reconciliation? Reconciliation);

/// <summary>
/// Reads all matching requests page by page and writes <c>results.jsonl</c> (whole views), <c>results.csv</c> (one row a request),
/// <c>embeddings.npy</c> (one row a vector) and <c>embeddings.keys.txt</c> (the key of each of its rows).
/// </summary>
internal sealed class ExportRun(MillraceClient client, string query, string folder)
{
    /// <summary>Where in a result the vector stands.</summary>
    public const string VectorName = "embedding";

    private const int CallsAtOnce = 8;

    private readonly Dictionary<string, string> _statuses = [];

    /// <param name="inputs">The files that went in; none leaves the reconciliation out.</param>
    /// <param name="workflow">The workflow that they went into.</param>
    public async Task<ExportSummary> RunAsync(IReadOnlyList<string> inputs, string workflow, IProgress<long> progress, CancellationToken cancellationToken)
    {
        var keyPath = inputs.Count == 0 ? "" : await KeyPathAsync(workflow, cancellationToken);
        Directory.CreateDirectory(folder);
        var lines = Path.Combine(folder, "results.jsonl");
        var summary = await WriteAsync(lines, workflow, progress, cancellationToken);
        await ResultsCsv.WriteAsync(lines, Path.Combine(folder, "results.csv"), cancellationToken);
        return inputs.Count == 0
            ? summary
            : summary with { Reconciliation = await Reconciliation.OfAsync(inputs, keyPath, _statuses, cancellationToken) };
    }

    private async Task<string> KeyPathAsync(string workflow, CancellationToken cancellationToken) =>
        (await client.GetAsync("api/workflows/" + Uri.EscapeDataString(workflow), cancellationToken))["key"]?.ToString()
        ?? throw new MillraceClientException($"The workflow {workflow} names no key, so posts can't be matched with their requests; leave --inputs out.");

    private async Task<ExportSummary> WriteAsync(string linesPath, string workflow, IProgress<long> progress, CancellationToken cancellationToken)
    {
        await using var lines = new StreamWriter(linesPath, append: false, new UTF8Encoding(false));
        using var embeddings = new NpyFile(Path.Combine(folder, "embeddings.npy"));
        await using var keys = new StreamWriter(Path.Combine(folder, "embeddings.keys.txt"), append: false, new UTF8Encoding(false));
        var (requests, leftOut) = (0L, 0);
        await foreach (var request in ReadAllAsync(cancellationToken))
        {
            var key = request["key"]?.ToString() ?? request["id"]!.ToString();
            if (request["workflow"]!.ToString() == workflow)
                _statuses[key] = request["status"]!.ToString();
            await lines.WriteLineAsync(request.ToJsonString().AsMemory(), cancellationToken);
            if (Embedding(request) is { } vector)
            {
                if (embeddings.TryAdd(vector))
                    await keys.WriteLineAsync(key.ReplaceLineEndings(" ").AsMemory(), cancellationToken);
                else
                    leftOut++;
            }
            progress.Report(++requests);
        }
        return new ExportSummary(requests, embeddings.Rows, leftOut, null);
    }

    private async IAsyncEnumerable<JsonNode> ReadAllAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await client.GetAsync($"api/requests{query}{(after is null ? "" : "&after=" + Uri.EscapeDataString(after))}", cancellationToken);
            foreach (var request in await ReadWholeAsync(page["items"]!.AsArray(), cancellationToken))
                yield return request;
            after = page["next"]?.ToString();
        }
        while (after is not null);
    }

    /// <summary>The whole views of a page's requests, in its order.</summary>
    private async Task<JsonNode[]> ReadWholeAsync(JsonArray items, CancellationToken cancellationToken)
    {
        var requests = new JsonNode[items.Count];
        var ids = items.Select(item => item!["id"]!.ToString()).ToArray();
        await Parallel.ForAsync(0, ids.Length, new ParallelOptions { MaxDegreeOfParallelism = CallsAtOnce, CancellationToken = cancellationToken },
            async (i, stop) => requests[i] = await client.GetAsync($"api/requests/{ids[i]}", stop));
        return requests;
    }

    private static float[]? Embedding(JsonNode request)
    {
        if ((request["result"] as JsonObject)?[VectorName] is not { } node)
            return null;
        return VectorReader.TryRead(JsonSerializer.SerializeToElement(node), out var vector) ? vector : null;
    }
}
