using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Millrace.Contracts;

namespace Millrace.WorkflowManager.Runtime.Replies;

/// <summary>
/// Takes the replies out of a batch. Each item is judged by itself, so that a bad one fails its own step and no other; what names no
/// step is told, and the rest counts.
/// </summary>
internal static class BatchReplyReader
{
    /// <summary>An item is one level around its output.</summary>
    private static readonly JsonDocumentOptions ItemLimits = new() { MaxDepth = MillraceJson.MaxDepth + 1 };

    /// <summary>To find where an item ends, whatever is in it; the message's size is the limit.</summary>
    private static readonly JsonReaderOptions AnyDepth = new() { MaxDepth = int.MaxValue };

    public static ReplyReading Read(ReadOnlyMemory<byte> body, string notABatch)
    {
        var replies = new List<StepReply>();
        string? unassigned = null;
        try
        {
            var reader = new Utf8JsonReader(body.Span, AnyDepth);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
                return new ReplyReading([], notABatch);
            for (var index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (ReadItem(body[start..(int)reader.BytesConsumed]) is { } reply)
                    replies.Add(reply);
                else
                    unassigned ??= $"item {index} of the batched reply has no correlationId of the form request-id:step";
            }
            // Anything behind the array makes the reader throw.
            reader.Read();
        }
        catch (JsonException error)
        {
            unassigned ??= $"the reply is not JSON: {error.Message}";
        }
        return new ReplyReading(replies, unassigned);
    }

    /// <summary>Null if it names no step.</summary>
    private static StepReply? ReadItem(ReadOnlyMemory<byte> item)
    {
        try
        {
            if (!Utf8.IsValid(item.Span))
                return Refuse(item, "the reply is not UTF-8");
            using var document = JsonDocument.Parse(item, ItemLimits);
            return UnicodeNames.AreValid(document.RootElement, item.Span)
                ? ReadItem(document.RootElement) : Refuse(item, $"the reply has {ReplyReader.BadName}");
        }
        catch (JsonException error)
        {
            return Refuse(item, $"the reply is not JSON: {error.Message}");
        }
    }

    private static StepReply? ReadItem(JsonElement item)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("correlationId", out var id)
            || id.ValueKind != JsonValueKind.String || !StepAddress.TryParse(ReplyReader.Text(id), out var address))
            return null;
        int? attempt = item.TryGetProperty("attempt", out var number) && number.ValueKind == JsonValueKind.Number
            && number.TryGetInt32(out var value) ? value : null;
        if (Find(item, "error") is { } error)
            return new StepReply(address, attempt, Error: ReplyReader.ReadError(error));
        if (Find(item, "retryAfterSeconds") is { } seconds)
            return new StepReply(address, attempt, RetryAfter: ReplyReader.ReadSeconds(seconds.GetRawText()), RetryReason: Reason(item));
        if (Find(item, "output") is not { } output)
            return new StepReply(address, attempt, ReplyReader.EmptyObject);
        return output.ValueKind == JsonValueKind.Object
            ? new StepReply(address, attempt, JsonMarshal.GetRawUtf8Value(output).ToArray())
            : new StepReply(address, attempt, Error: ReplyReader.NotAnObject(output.ValueKind));
    }

    private static string? Reason(JsonElement item) =>
        ReplyReader.ReadReason(Find(item, "retryReason") is { } reason ? ReplyReader.Text(reason) : null);

    private static JsonElement? Find(JsonElement item, string name) =>
        item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>The item can't be read whole, but its step can be found and told.</summary>
    private static StepReply? Refuse(ReadOnlyMemory<byte> item, string problem)
    {
        var reader = new Utf8JsonReader(item.Span, AnyDepth);
        StepAddress? found = null;
        int? attempt = null;
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = !reader.ValueIsEscaped && reader.ValueTextEquals("correlationId"u8);
            var isAttempt = !reader.ValueIsEscaped && reader.ValueTextEquals("attempt"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped && Utf8.IsValid(reader.ValueSpan))
                found = StepAddress.TryParse(reader.GetString(), out var address) ? address : null;
            else if (isAttempt && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number))
                attempt = number;
            else
                reader.Skip();
        }
        return found is { } step ? new StepReply(step, attempt, Error: new StepError(ReplyReader.BadReply, problem, Transient: true)) : null;
    }
}
