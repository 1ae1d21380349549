using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Millrace.PerspectiveClassifier.Api;

/// <summary>
/// The body of a call in Perspective's contract, once it is a <see cref="ContractMessage"/>.
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
    public static async Task<(AnalyzeRequest? Request, IResult? Error)> ReadAsync(HttpRequest http, bool suggestion)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Body, cancellationToken: http.HttpContext.RequestAborted);
            if ((suggestion ? ContractMessage.Suggest : ContractMessage.Analyze).Problem(document.RootElement) is { } problem)
                return (null, PerspectiveErrors.Malformed(problem));
            return (Read(document.RootElement, suggestion ? "attributeScores" : "requestedAttributes"), null);
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: half a surrogate pair. FormatException: a number too large.
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
            [.. root.Field("languages")?.EnumerateArray().Select(item => item.GetString()!) ?? []],
            root.Field("clientToken")?.GetString(),
            root.Field("spanAnnotations")?.GetBoolean() ?? false);
    }
}

/// <summary>One attribute that is asked for.</summary>
/// <param name="Threshold">A score below it is left out of the answer.</param>
internal sealed record RequestedAttribute(string Name, string? ScoreType, double Threshold)
{
    public static RequestedAttribute Read(JsonProperty property)
    {
        var settings = property.Value;
        return new RequestedAttribute(property.Name, settings.Field("scoreType")?.GetString(), settings.Field("scoreThreshold")?.GetDouble() ?? 0);
    }
}
