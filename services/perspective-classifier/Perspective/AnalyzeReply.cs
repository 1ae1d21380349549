using System.Net;
using System.Text.Json;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>What the API answered, as far as a client goes by it.</summary>
/// <param name="Scores">Summary scores by attribute; null unless the call succeeded.</param>
/// <param name="Spans">Scores of parts of the text by attribute; null unless they were asked for.</param>
/// <param name="Error">Null if the call succeeded or none was made.</param>
internal sealed record AnalyzeReply(
    HttpStatusCode Status,
    IReadOnlyDictionary<string, double>? Scores,
    IReadOnlyDictionary<string, IReadOnlyList<SpanScore>>? Spans,
    PerspectiveError? Error)
{
    /// <summary>When the turn came, nothing was left to ask.</summary>
    public static AnalyzeReply NotAsked { get; } = new(HttpStatusCode.NoContent, null, null, null);

    public bool IsTransient => (int)Status >= 500 || Status == HttpStatusCode.RequestTimeout;

    /// <exception cref="JsonException">
    /// A success that is not JSON, not of the contract's shape, the answer to another call, or without a score for any attribute that was
    /// asked for: no call names a threshold, so that none can be left out for being under it.
    /// </exception>
    public static AnalyzeReply Read(AnalyzeCall call, HttpStatusCode status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        if ((int)status is < 200 or > 299)
            return new AnalyzeReply(status, null, null, PerspectiveError.Read(status, body, retryAfter));
        using var document = JsonDocument.Parse(body);
        try
        {
            return ReadScores(call, status, document.RootElement);
        }
        catch (InvalidOperationException wrong)
        {
            // Half a surrogate pair in a name or a token.
            throw new JsonException(wrong.Message, wrong);
        }
    }

    private static AnalyzeReply ReadScores(AnalyzeCall call, HttpStatusCode status, JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new JsonException("The answer is no JSON object.");
        CheckToken(root, call.Token);
        var attributes = ReadAttributes(root);
        if (!attributes.Any(attribute => call.Attributes.Contains(attribute.Name)))
            throw new JsonException($"It is a success ({(int)status}) and holds no score for any of the attributes asked for.{Told(root)}");
        return new AnalyzeReply(
            status,
            attributes.ToDictionary(attribute => attribute.Name, attribute => ReadSummary(attribute), StringComparer.Ordinal),
            call.Spans ? attributes.ToDictionary(attribute => attribute.Name, attribute => ReadSpans(attribute), StringComparer.Ordinal) : null,
            null);
    }

    /// <summary>An API that gives no token back answers in the contract's words all the same; another token is another call's answer.</summary>
    private static void CheckToken(JsonElement root, string sent)
    {
        if (root.TryGetProperty("clientToken", out var token) && token.ValueKind != JsonValueKind.Null
            && !(token.ValueKind == JsonValueKind.String && token.ValueEquals(sent)))
            throw new JsonException("'clientToken' is not that of the call.");
    }

    /// <summary>What a gateway that answers for the API says instead.</summary>
    private static string Told(JsonElement root) =>
        PerspectiveError.Of(root) is { } error ? $" It says: {error.Type}: {error.Message}" : "";

    private static List<JsonProperty> ReadAttributes(JsonElement root)
    {
        if (!root.TryGetProperty("attributeScores", out var attributes))
            return [];
        if (attributes.ValueKind != JsonValueKind.Object)
            throw new JsonException("'attributeScores' is no JSON object.");
        return [.. attributes.EnumerateObject().DistinctBy(attribute => attribute.Name)];
    }

    private static double ReadSummary(JsonProperty attribute) =>
        attribute.Value.ValueKind == JsonValueKind.Object && attribute.Value.TryGetProperty("summaryScore", out var summary)
            && ReadProbability(summary) is { } score
                ? score
                : throw new JsonException($"'{attribute.Name}' has no probability.");

    private static IReadOnlyList<SpanScore> ReadSpans(JsonProperty attribute)
    {
        if (!attribute.Value.TryGetProperty("spanScores", out var spans))
            return [];
        if (spans.ValueKind != JsonValueKind.Array)
            throw new JsonException($"'spanScores' of '{attribute.Name}' is no list.");
        return [.. spans.EnumerateArray().Select(span => ReadSpan(span) ?? throw new JsonException($"'{attribute.Name}' has a span without begin, end or probability."))];
    }

    /// <summary>Proto3 leaves out a begin of 0.</summary>
    private static SpanScore? ReadSpan(JsonElement span)
    {
        if (span.ValueKind != JsonValueKind.Object || !span.TryGetProperty("score", out var score) || ReadProbability(score) is not { } value)
            return null;
        var begin = span.TryGetProperty("begin", out var from) ? ReadIndex(from) : 0;
        var end = span.TryGetProperty("end", out var to) ? ReadIndex(to) : 0;
        return begin is >= 0 && end >= begin ? new SpanScore(begin.Value, end.Value, new SpanProbability(value)) : null;
    }

    private static int? ReadIndex(JsonElement index) => index.ValueKind == JsonValueKind.Number && index.TryGetInt32(out var value) ? value : null;

    private static double? ReadProbability(JsonElement score) =>
        score.ValueKind == JsonValueKind.Object && score.TryGetProperty("value", out var value)
            && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var found) && found is >= 0 and <= 1
                ? found
                : null;
}
