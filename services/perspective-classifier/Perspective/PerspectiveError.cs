using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>An error of the API, read as far as it can be.</summary>
/// <param name="Type">The contract's errorType, else its status, else <c>HTTP_nnn</c>.</param>
/// <param name="Attribute">The attribute that the error is about.</param>
/// <param name="Languages">The languages that the attribute does not support.</param>
/// <param name="Reason">Google's own reason, such as API_KEY_INVALID or RATE_LIMIT_EXCEEDED.</param>
/// <param name="QuotaLimit">Name of the exhausted quota, such as AnalyzeRequestsPerMinutePerProject.</param>
/// <param name="QuotaValue">Its size.</param>
internal sealed partial record PerspectiveError(
    string Type,
    string Message,
    string? Attribute = null,
    IReadOnlyList<string>? Languages = null,
    string? Reason = null,
    string? QuotaLimit = null,
    int? QuotaValue = null,
    TimeSpan? RetryAfter = null)
{
    private const int MaxMessageLength = 500;

    // Of google.api.ErrorReason, those that no other text or time would change.
    private static readonly HashSet<string> AccessReasons =
        ["SERVICE_DISABLED", "BILLING_DISABLED", "CONSUMER_INVALID", "CONSUMER_SUSPENDED", "USER_PROJECT_DENIED", "CREDENTIALS_MISSING", "SECURITY_POLICY_VIOLATED"];

    /// <summary>
    /// The key or its project is refused and not the text. Google says a wrong key with status 400, and so what a project lacks
    /// (FAILED_PRECONDITION), such as billing or a location that is served.
    /// </summary>
    public bool IsOfAccess => Type == "FAILED_PRECONDITION"
        || (Reason is not null && (Reason.StartsWith("API_KEY_", StringComparison.Ordinal) || AccessReasons.Contains(Reason)));

    public static PerspectiveError Read(HttpStatusCode status, ReadOnlyMemory<byte> body, TimeSpan? retryAfter)
    {
        var fallback = new PerspectiveError($"HTTP_{(int)status}", $"The API answered {(int)status}.", RetryAfter: retryAfter);
        try
        {
            using var document = JsonDocument.Parse(body);
            return Find(document.RootElement) is { } error ? ReadError(error, fallback) : fallback;
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            // A proxy between may answer in any form, half a surrogate pair too; the status still says enough.
            return fallback;
        }
    }

    /// <returns>The error that stands in an answer whose status says success; null if none does.</returns>
    /// <exception cref="InvalidOperationException">It holds half a surrogate pair.</exception>
    public static PerspectiveError? Of(JsonElement answer) =>
        Find(answer) is { } error ? ReadError(error, new PerspectiveError("UNKNOWN", "no message")) : null;

    private static JsonElement? Find(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object ? error : null;

    private static PerspectiveError ReadError(JsonElement error, PerspectiveError found)
    {
        found = found with
        {
            Type = Text(error, "status") ?? found.Type,
            Message = Text(error, "message") is { } message ? message[..Math.Min(message.Length, MaxMessageLength)] : found.Message,
        };
        if (error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array)
        {
            foreach (var detail in details.EnumerateArray().Where(detail => detail.ValueKind == JsonValueKind.Object))
                found = ReadDetail(detail, found);
        }
        return found.Attribute is null && UnknownAttribute().Match(found.Message) is { Success: true } unknown
            ? found with { Type = "UNKNOWN_ATTRIBUTE", Attribute = unknown.Groups[1].Value }
            : found;
    }

    private static PerspectiveError ReadDetail(JsonElement detail, PerspectiveError found)
    {
        found = found with { Type = Text(detail, "errorType") ?? found.Type, Reason = Text(detail, "reason") ?? found.Reason };
        if (detail.TryGetProperty("languageNotSupportedByAttributeError", out var language) && language.ValueKind == JsonValueKind.Object)
            found = found with { Attribute = Text(language, "attribute"), Languages = [.. Texts(language, "requestedLanguages"), .. Texts(language, "detectedLanguages")] };
        if (detail.TryGetProperty("metadata", out var metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            found = found with
            {
                QuotaLimit = Text(metadata, "quota_limit") ?? found.QuotaLimit,
                QuotaValue = int.TryParse(Text(metadata, "quota_limit_value"), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : found.QuotaValue,
            };
        }
        return found;
    }

    private static string? Text(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static IEnumerable<string> Texts(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            : [];

    [GeneratedRegex("^Unknown requested attribute: ([A-Z][A-Z0-9_]{0,99})")]
    private static partial Regex UnknownAttribute();
}
