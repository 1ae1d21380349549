using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>The body of a call in Perspective's contract, read strictly.</summary>
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
    private static readonly HashSet<string> AnalyzeFields =
        ["comment", "context", "requestedAttributes", "languages", "doNotStore", "clientToken", "sessionId", "communityId", "spanAnnotations"];

    private static readonly HashSet<string> SuggestFields =
        ["comment", "context", "attributeScores", "languages", "communityId", "clientToken", "sessionId"];

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
        var comment = root.TryGetProperty("comment", out var given) ? given : default;
        return new AnalyzeRequest(
            TextOf(comment, "text") ?? "",
            TextOf(comment, "type") ?? "PLAIN_TEXT",
            root.TryGetProperty(attributes, out var requested) ? [.. requested.EnumerateObject().Select(RequestedAttribute.Read)] : [],
            root.TryGetProperty("languages", out var languages) ? [.. languages.EnumerateArray().Select(item => item.GetString() ?? "")] : [],
            TextOf(root, "clientToken"),
            root.TryGetProperty("spanAnnotations", out var spans) && spans.GetBoolean());
    }

    private static string? TextOf(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) ? value.GetString() : null;
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
        return new RequestedAttribute(
            property.Name,
            settings.TryGetProperty("scoreType", out var type) ? type.GetString() : null,
            settings.TryGetProperty("scoreThreshold", out var threshold) ? threshold.GetDouble() : 0);
    }
}
