using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>
/// The body of a call in Perspective's contract, read strictly, and as proto3 reads JSON: a field that is null is absent, and its name
/// may be written in either way, <c>doNotStore</c> or <c>do_not_store</c>.
/// </summary>
/// <param name="Text">Empty if there is none.</param>
/// <param name="Attributes">Requested attributes with their thresholds; for a suggestion the attributes it scores.</param>
internal sealed record AnalyzeRequest(
    string Text,
    string Type,
    IReadOnlyList<RequestedAttribute> Attributes,
    IReadOnlyList<string> Languages,
    string? ClientToken,
    bool SpanAnnotations)
{
    private static readonly HashSet<string> AnalyzeFields = BothWays(
        "comment", "context", "requestedAttributes", "languages", "doNotStore", "clientToken", "sessionId", "communityId", "spanAnnotations");

    private static readonly HashSet<string> SuggestFields = BothWays(
        "comment", "context", "attributeScores", "languages", "communityId", "clientToken", "sessionId");

    public static async Task<(AnalyzeRequest? Request, IResult? Error)> ReadAsync(HttpRequest http, bool suggestion)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Body, cancellationToken: http.HttpContext.RequestAborted);
            var fields = suggestion ? SuggestFields : AnalyzeFields;
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, PerspectiveErrors.Malformed("Root element must be a message."));
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (!fields.Contains(field.Name))
                    return (null, PerspectiveErrors.Malformed($"Unknown name \"{field.Name}\": Cannot find field."));
            }
            return (Read(document.RootElement, suggestion ? "attributeScores" : "requestedAttributes"), null);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a value of another type, or half a surrogate pair.
            return (null, PerspectiveErrors.Malformed(wrong.Message));
        }
    }

    private static AnalyzeRequest Read(JsonElement root, string attributes)
    {
        var comment = root.Field("comment");
        return new AnalyzeRequest(
            comment?.Field("text")?.GetString() ?? "",
            comment?.Field("type")?.GetString() ?? "PLAIN_TEXT",
            [.. root.Field(attributes)?.EnumerateObject().Where(attribute => attribute.Value.ValueKind != JsonValueKind.Null).Select(RequestedAttribute.Read) ?? []],
            [.. root.Field("languages")?.EnumerateArray().Select(item => item.GetString() ?? throw new FormatException("'languages' must not hold null.")) ?? []],
            root.Field("clientToken")?.GetString(),
            root.Field("spanAnnotations")?.GetBoolean() ?? false);
    }

    private static HashSet<string> BothWays(params string[] names) => [.. names, .. names.Select(ProtoJson.SnakeCase)];
}

/// <summary>One attribute that is asked for.</summary>
/// <param name="Threshold">A score below it is left out of the answer.</param>
internal sealed record RequestedAttribute(string Name, string? ScoreType, double Threshold)
{
    public static RequestedAttribute Read(JsonProperty property)
    {
        var settings = property.Value;
        if (settings.ValueKind != JsonValueKind.Object)
            throw new FormatException($"'{property.Name}' must be an object.");
        return new RequestedAttribute(property.Name, settings.Field("scoreType")?.GetString(), settings.Field("scoreThreshold")?.GetDouble() ?? 0);
    }
}
