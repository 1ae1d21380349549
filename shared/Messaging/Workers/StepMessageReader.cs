using System.Globalization;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>
/// Reads step messages of any client: headers of every type, or none; no content type; an empty body. Items are found in the
/// body without building a document of it.
/// </summary>
internal static class StepMessageReader
{
    /// <summary>More than a commit makes ready; a message that claims more is not ours.</summary>
    private const int MaxItems = 10_000;

    /// <summary>Of an item; that of a message has no more either.</summary>
    private const int MaxCorrelationId = 255;

    /// <summary>Four times what the W3C's version 00 has. What is longer is none, and could make the reply's headers too large.</summary>
    private const int MaxTraceParent = 220;

    private static readonly ReadOnlyMemory<byte> EmptyObject = "{}"u8.ToArray();

    /// <summary>To find where an item ends. What is too deep for the handler is told when its input is read, and fails it alone.</summary>
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    /// <exception cref="DeadLetterException">No reply can be assigned to any request; the message says why.</exception>
    public static StepMessage Read(IncomingMessage message)
    {
        var headers = message.Properties.Headers;
        var isBatch = headers.ContainsKey(Wire.BatchHeader);
        var (items, unassigned) = isBatch ? ReadBatch(message.Body) : ([ReadSingle(message)], null);
        return new StepMessage(message, isBatch, items, ReadDeadline(headers), ReadTraceParent(headers), unassigned);
    }

    private static StepItem ReadSingle(IncomingMessage message)
    {
        var input = message.Body.Span.TrimStart(" \t\r\n"u8).IsEmpty ? EmptyObject : message.Body;
        return new StepItem(message.Properties.CorrelationId, ReadAttempt(message.Properties.Headers), input);
    }

    private static (IReadOnlyList<StepItem> Items, string? Unassigned) ReadBatch(ReadOnlyMemory<byte> body)
    {
        var items = new List<StepItem>();
        string? unassigned = null;
        try
        {
            var reader = new Utf8JsonReader(body.Span, AnyDepth);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                throw new DeadLetterException("a message with a batch header must be a JSON array");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (items.Count == MaxItems)
                    throw new DeadLetterException($"a batch of more than {MaxItems} items");
                if (ReadItem(ref reader, body, out var problem) is { } item)
                    items.Add(item);
                unassigned ??= problem;
            }
            // Anything behind the array makes the reader throw.
            reader.Read();
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            unassigned ??= $"the batch is not JSON: {exception.Message}";
        }
        return items.Count > 0 ? (items, unassigned) : throw new DeadLetterException(unassigned ?? "an empty batch");
    }

    /// <returns>Null if no reply can be assigned to it.</returns>
    private static StepItem? ReadItem(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, out string? problem)
    {
        problem = "an item of the batch is not an object";
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }
        string? correlationId = null;
        int? attempt = null;
        var input = EmptyObject;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("correlationId"u8);
            var isAttempt = reader.ValueTextEquals("attempt"u8);
            var isInput = reader.ValueTextEquals("input"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
                correlationId = reader.GetString();
            else if (isAttempt && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                attempt = number;
            else if (isInput)
                input = TakeValue(ref reader, body);
            else
                reader.Skip();
        }
        problem = correlationId switch
        {
            null => "an item of the batch has no correlationId",
            { Length: > MaxCorrelationId } => $"an item of the batch has a correlationId of {correlationId.Length} characters, over {MaxCorrelationId}",
            _ => null,
        };
        return problem is null ? new StepItem(correlationId, attempt, input) : null;
    }

    private static ReadOnlyMemory<byte> TakeValue(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return body[start..(int)reader.BytesConsumed];
    }

    private static int? ReadAttempt(IReadOnlyDictionary<string, string> headers) =>
        headers.TryGetValue(Wire.AttemptHeader, out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static DateTimeOffset? ReadDeadline(IReadOnlyDictionary<string, string> headers) =>
        headers.TryGetValue(Wire.DeadlineHeader, out var text)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var deadline)
            ? deadline
            : null;

    private static string? ReadTraceParent(IReadOnlyDictionary<string, string> headers) =>
        headers.GetValueOrDefault(Wire.TraceParentHeader) is { Length: <= MaxTraceParent } text ? text : null;
}
