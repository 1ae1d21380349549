using System.Globalization;
using System.Text.Json.Nodes;
using CsvHelper;

namespace Millrace.Cli.Export;

/// <summary>
/// Makes a table of exported requests, one row each. Results differ (a post that was not kept has no scores), so the columns are
/// gathered from all of them first: nested values get dotted names, lists are written as JSON, vectors are left out. Text that a spreadsheet
/// would take for a formula stands behind an apostrophe.
/// </summary>
internal static class ResultsCsv
{
    /// <summary>Columns beyond this many are left out; the lines that the table is made from have everything.</summary>
    public const int MaxColumns = 500;

    private const string FormulaBeginnings = "=+-@\t\r\n＝＋－＠";

    private static readonly string[] Always = ["id", "workflow", "key", "status", "createdAt", "updatedAt", "error", "errorStep"];

    public static async Task WriteAsync(string linesPath, string csvPath, CancellationToken cancellationToken)
    {
        var columns = new List<string>();
        var known = new HashSet<string>();
        await foreach (var request in ReadAsync(linesPath, cancellationToken))
        {
            foreach (var (name, _) in Flatten(request["result"] as JsonObject))
            {
                if (known.Add(name) && columns.Count < MaxColumns)
                    columns.Add(name);
            }
        }
        await using var csv = new CsvWriter(new StreamWriter(csvPath), CultureInfo.InvariantCulture);
        await WriteRowAsync(csv, [.. Always, .. columns.Select(Apart)]);
        await foreach (var request in ReadAsync(linesPath, cancellationToken))
        {
            var values = Flatten(request["result"] as JsonObject).ToDictionary();
            await WriteRowAsync(csv, [.. Always.Select(name => Own(request, name)), .. columns.Select(values.GetValueOrDefault)]);
        }
    }

    private static async IAsyncEnumerable<JsonNode> ReadAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
            yield return JsonNode.Parse(line)!;
    }

    /// <summary>A result may have a value of its own called <c>status</c>.</summary>
    private static string Apart(string column) => Always.Contains(column) ? "result." + column : column;

    private static string? Own(JsonNode request, string name)
    {
        if (name is not ("error" or "errorStep"))
            return request[name]?.ToString();
        var failed = request["steps"]?.AsArray().FirstOrDefault(step => step?["error"] is not null);
        return name == "error" ? failed?["error"]?["type"]?.ToString() : failed?["name"]?.ToString();
    }

    private static IEnumerable<KeyValuePair<string, string?>> Flatten(JsonObject? values, string prefix = "")
    {
        foreach (var (name, value) in values ?? [])
        {
            if (value is JsonObject nested)
            {
                foreach (var inner in Flatten(nested, prefix + name + "."))
                    yield return inner;
            }
            else if (value is not null && prefix + name != ExportRun.VectorName)
            {
                yield return new(prefix + name, value is JsonArray list ? list.ToJsonString() : value.ToString());
            }
        }
    }

    private static async Task WriteRowAsync(CsvWriter csv, IEnumerable<string?> cells)
    {
        foreach (var cell in cells)
            csv.WriteField(Harmless(cell));
        await csv.NextRecordAsync();
    }

    /// <summary>CsvHelper's own escape would put the apostrophe before negative numbers too.</summary>
    private static string? Harmless(string? cell) =>
        cell is { Length: > 0 } && FormulaBeginnings.Contains(cell[0], StringComparison.Ordinal)
            && !double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
                ? "'" + cell
                : cell;
}
