using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Takes replies out of a message. A reply that can be assigned to a step but not understood is a failure of that step;
/// what cannot be assigned to any is told as such.
/// </summary>
internal static class ReplyReader
{
    public const string BadReply = "bad-reply";
    public const string BadName = "a property whose name is not valid Unicode text";

    public static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    private const int MaxTypeLength = 100;
    private const int MaxMessageLength = 2_000;
    private const int MaxReasonLength = 500;

    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(7);
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = MillraceJson.MaxDepth };

    public static ReplyReading Read(IncomingMessage message)
    {
        // Whoever answers one step answers it alone, whatever the body looks like.
        if (StepAddress.TryParse(message.Properties.CorrelationId, out var address) && !message.Properties.Headers.ContainsKey(Wire.BatchHeader))
            return new ReplyReading([ReadSingle(address, message)]);
        return BatchReplyReader.Read(message.Body, $"the correlation id '{message.Properties.CorrelationId}' is not request-id:step");
    }

    private static StepReply ReadSingle(StepAddress address, IncomingMessage message)
    {
        var headers = message.Properties.Headers;
        int? attempt = headers.TryGetValue(Wire.AttemptHeader, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (headers.TryGetValue(Wire.ErrorHeader, out var error))
            return new StepReply(address, attempt, Error: ReadErrorHeader(error));
        if (headers.TryGetValue(Wire.RetryAfterHeader, out var seconds))
            return new StepReply(address, attempt, RetryAfter: ReadSeconds(seconds), RetryReason: ReadReason(headers.GetValueOrDefault(Wire.RetryReasonHeader)));
        if (message.Body.Span.IsWhiteSpace())
            return new StepReply(address, attempt, EmptyObject);
        return IsObject(message.Body) is { } problem
            ? new StepReply(address, attempt, Error: new StepError(BadReply, problem, Transient: true))
            : new StepReply(address, attempt, message.Body.ToArray());
    }

    /// <summary>Null if it is one.</summary>
    private static string? IsObject(ReadOnlyMemory<byte> body)
    {
        try
        {
            if (!Utf8.IsValid(body.Span))
                return "the reply is not UTF-8";
            using var document = JsonDocument.Parse(body, Limits);
            if (!UnicodeNames.AreValid(document.RootElement, body.Span))
                return $"the reply has {BadName}";
            return document.RootElement.ValueKind == JsonValueKind.Object ? null : NotAnObject(document.RootElement.ValueKind).Message;
        }
        catch (JsonException error)
        {
            return $"the reply is not JSON: {error.Message}";
        }
    }

    public static StepError NotAnObject(JsonValueKind kind) => new(BadReply, $"the reply is a JSON {kind}, not an object", Transient: true);

    private static StepError ReadErrorHeader(string header)
    {
        try
        {
            using var document = JsonDocument.Parse(header, Limits);
            return UnicodeNames.AreValid(document.RootElement, "\\u"u8) ? ReadError(document.RootElement) : new StepError("error", Cut(header, MaxMessageLength));
        }
        catch (JsonException)
        {
            return new StepError("error", Cut(header, MaxMessageLength));
        }
    }

    public static StepError ReadError(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object)
            return new StepError("error", Cut(Text(error), MaxMessageLength));
        var type = error.TryGetProperty("type", out var name) ? Text(name) : "";
        var message = error.TryGetProperty("message", out var text) ? Text(text) : "";
        var transient = error.TryGetProperty("transient", out var flag) && flag.ValueKind == JsonValueKind.True;
        return new StepError(type.Length > 0 ? Cut(type, MaxTypeLength) : "error", Cut(message, MaxMessageLength), transient);
    }

    /// <summary>As it is written where it can't be read: half a surrogate pair is no text.</summary>
    public static string Text(JsonElement value)
    {
        try
        {
            return value.ToString();
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText();
        }
    }

    /// <returns>Null if none is told.</returns>
    public static string? ReadReason(string? text) => string.IsNullOrWhiteSpace(text) ? null : Cut(text, MaxReasonLength);

    private static string Cut(string text, int maxLength) => text.Length <= maxLength ? text : text[..maxLength];

    public static TimeSpan ReadSeconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, MaxRetryAfter.TotalSeconds))
            : TimeSpan.FromSeconds(1);

    private static bool IsWhiteSpace(this ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n"u8).IsEmpty;
}
