using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Takes replies out of a message. A reply that can be assigned to a step but not understood is a failure of that step;
/// what cannot be assigned to any is refused whole.
/// </summary>
internal static class ReplyReader
{
    public const string BadReply = "bad-reply";

    private const string BadName = "a property whose name is not valid Unicode text";
    private const int MaxTypeLength = 100;
    private const int MaxMessageLength = 2_000;

    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();
    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromDays(7);
    private static readonly JsonDocumentOptions Limits = new() { MaxDepth = MillraceJson.MaxDepth };

    /// <exception cref="FormatException">It is no reply; the message says why.</exception>
    public static IReadOnlyList<StepReply> Read(IncomingMessage message)
    {
        var isSingle = StepAddress.TryParse(message.Properties.CorrelationId, out var address);
        if (isSingle && !message.Properties.Headers.ContainsKey(Wire.BatchHeader) && !LooksLikeBatch(message.Body.Span))
            return [ReadSingle(address, message)];
        try
        {
            if (!Utf8.IsValid(message.Body.Span))
                throw new FormatException("the batched reply is not UTF-8");
            using var document = JsonDocument.Parse(message.Body, Limits);
            if (!UnicodeNames.AreValid(document.RootElement, message.Body.Span))
                throw new FormatException($"the batched reply has {BadName}");
            return document.RootElement.ValueKind == JsonValueKind.Array
                ? [.. document.RootElement.EnumerateArray().Select(ReadItem)]
                : throw new FormatException($"the correlation id '{message.Properties.CorrelationId}' is not request-id:step");
        }
        catch (JsonException error)
        {
            throw new FormatException($"the reply is not JSON: {error.Message}", error);
        }
    }

    private static StepReply ReadSingle(StepAddress address, IncomingMessage message)
    {
        var headers = message.Properties.Headers;
        int? attempt = headers.TryGetValue(Wire.AttemptHeader, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (headers.TryGetValue(Wire.ErrorHeader, out var error))
            return new StepReply(address, attempt, Error: ReadErrorHeader(error));
        if (headers.TryGetValue(Wire.RetryAfterHeader, out var seconds))
            return new StepReply(address, attempt, RetryAfter: ReadSeconds(seconds));
        if (message.Body.Span.IsWhiteSpace())
            return new StepReply(address, attempt, EmptyObject);
        return IsObject(message.Body) is { } problem
            ? new StepReply(address, attempt, Error: new StepError(BadReply, problem, Transient: true))
            : new StepReply(address, attempt, message.Body.ToArray());
    }

    private static StepReply ReadItem(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("correlationId", out var id)
            || id.ValueKind != JsonValueKind.String || !StepAddress.TryParse(Text(id), out var address))
            throw new FormatException("an item of the batched reply has no correlationId of the form request-id:step");
        int? attempt = item.TryGetProperty("attempt", out var number) && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt32(out var value) ? value : null;
        if (Find(item, "error") is { } error)
            return new StepReply(address, attempt, Error: ReadError(error));
        if (Find(item, "retryAfterSeconds") is { } seconds)
            return new StepReply(address, attempt, RetryAfter: ReadSeconds(seconds.GetRawText()));
        if (Find(item, "output") is not { } output)
            return new StepReply(address, attempt, EmptyObject);
        return output.ValueKind == JsonValueKind.Object
            ? new StepReply(address, attempt, JsonMarshal.GetRawUtf8Value(output).ToArray())
            : new StepReply(address, attempt, Error: NotAnObject(output.ValueKind));
    }

    private static JsonElement? Find(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

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

    private static StepError NotAnObject(JsonValueKind kind) => new(BadReply, $"the reply is a JSON {kind}, not an object", Transient: true);

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

    private static StepError ReadError(JsonElement error)
    {
        if (error.ValueKind != JsonValueKind.Object)
            return new StepError("error", Cut(Text(error), MaxMessageLength));
        var type = error.TryGetProperty("type", out var name) ? Text(name) : "";
        var message = error.TryGetProperty("message", out var text) ? Text(text) : "";
        var transient = error.TryGetProperty("transient", out var flag) && flag.ValueKind == JsonValueKind.True;
        return new StepError(type.Length > 0 ? Cut(type, MaxTypeLength) : "error", Cut(message, MaxMessageLength), transient);
    }

    /// <summary>As it is written where it can't be read: half a surrogate pair is no text.</summary>
    private static string Text(JsonElement value)
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

    private static string Cut(string text, int maxLength) => text.Length <= maxLength ? text : text[..maxLength];

    private static TimeSpan ReadSeconds(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds >= 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, MaxRetryAfter.TotalSeconds))
            : TimeSpan.FromSeconds(1);

    /// <summary>Only a batched reply is an array of objects.</summary>
    private static bool LooksLikeBatch(ReadOnlySpan<byte> body)
    {
        var text = body.TrimStart(" \t\r\n"u8);
        return text.StartsWith("["u8) && text[1..].TrimStart(" \t\r\n"u8).StartsWith("{"u8);
    }

    private static bool IsWhiteSpace(this ReadOnlySpan<byte> body) => body.TrimStart(" \t\r\n"u8).IsEmpty;
}
