using System.Globalization;

namespace Millrace.Cli.Client;

/// <summary>How many top-level requests stand where, as <c>GET /api/counts</c> says.</summary>
internal sealed class RequestCounts(IReadOnlyList<(string Workflow, string Status, long Count)> rows)
{
    public static async Task<RequestCounts> ReadAsync(MillraceClient client, CancellationToken cancellationToken)
    {
        var items = (await client.GetAsync("api/counts", cancellationToken))["items"]!.AsArray();
        return new RequestCounts([.. items
            .Where(row => string.IsNullOrEmpty(row!["step"]?.ToString()))
            .Select(row => (row!["workflow"]!.ToString(), row["status"]!.ToString(), long.Parse(row["count"]!.ToString(), CultureInfo.InvariantCulture)))]);
    }

    public long Of(string workflow, params ReadOnlySpan<string> statuses)
    {
        var sum = 0L;
        foreach (var row in rows)
            sum += row.Workflow == workflow && statuses.Contains(row.Status) ? row.Count : 0;
        return sum;
    }

    /// <summary>Running requests by workflow.</summary>
    public Dictionary<string, long> Running() => rows.Where(row => row.Status == "running").ToDictionary(row => row.Workflow, row => row.Count);
}
