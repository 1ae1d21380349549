using System.Globalization;
using System.Net;
using System.Text.Json;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>What the API answered, as far as a client goes by it.</summary>
/// <param name="Scores">Summary scores by attribute; null unless the call succeeded.</param>
/// <param name="Error">Null if the call succeeded.</param>
internal sealed record AnalyzeReply(HttpStatusCode Status, IReadOnlyDictionary<string, double>? Scores, PerspectiveError? Error)
{
    public bool IsTransient => (int)Status >= 500 || Status == HttpStatusCode.RequestTimeout;

    /// <exception cref="JsonException">A success that is not JSON, or not of the contract's shape.</exception>
    public static AnalyzeReply Read(HttpStatusCode status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        if ((int)status is < 200 or > 299)
            return new AnalyzeReply(status, null, PerspectiveError.Read(status, body, retryAfter));
        using var document = JsonDocument.Parse(body);
        return new AnalyzeReply(status, ReadScores(document.RootElement), null);
    }

    private static Dictionary<string, double> ReadScores(JsonElement root)
    {
        var scores = new Dictionary<string, double>(StringComparer.Ordinal);
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException("The answer is no JSON object.");
        // Every score may be under its threshold: then the field is absent, and that is no error.
        if (!root.TryGetProperty("attributeScores", out var attributes))
            return scores;
        if (attributes.ValueKind != JsonValueKind.Object)
            throw new JsonException("'attributeScores' is no JSON object.");
        foreach (var attribute in attributes.EnumerateObject())
        {
            if (attribute.Value.ValueKind == JsonValueKind.Object
                && attribute.Value.TryGetProperty("summaryScore", out var summary)
                && summary.ValueKind == JsonValueKind.Object
                && summary.TryGetProperty("value", out var value)
                && value.TryGetDouble(out var score)
                && score is >= 0 and <= 1)
                scores[attribute.Name] = score;
            else
                throw new JsonException(string.Create(CultureInfo.InvariantCulture, $"'{attribute.Name}' has no probability."));
        }
        return scores;
    }
}
