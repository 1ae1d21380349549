using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>Writes the reply to a step message: through the default exchange to its <c>reply_to</c>, with its correlation id.</summary>
internal static class ReplyWriter
{
    private const int ItemOverheadBytes = 100;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = MillraceJson.Options.Encoder, SkipValidation = true };

    /// <param name="replies">One an item, in order.</param>
    /// <param name="traceParent">The span that handled the message, or null.</param>
    /// <returns>Null if the message asks for no reply.</returns>
    public static OutgoingMessage? Write(StepMessage message, ReadOnlySpan<StepReply> replies, string? traceParent)
    {
        if (string.IsNullOrEmpty(message.Source.Properties.ReplyTo))
            return null;
        var headers = new Dictionary<string, string>(3);
        if ((traceParent ?? message.TraceParent) is { } trace)
            headers[Wire.TraceParentHeader] = trace;
        var body = message.IsBatch ? WriteBatch(message.Items, replies, headers) : WriteSingle(message.Items[0], replies[0], headers);
        return new OutgoingMessage("", message.Source.Properties.ReplyTo, body, new MessageProperties
        {
            ContentType = Wire.JsonContentType,
            CorrelationId = message.Source.Properties.CorrelationId,
            AppId = Environment.MachineName,
            Headers = headers,
        });
    }

    private static ReadOnlyMemory<byte> WriteSingle(StepItem item, StepReply reply, Dictionary<string, string> headers)
    {
        if (item.Attempt is { } attempt)
            headers[Wire.AttemptHeader] = attempt.ToString(CultureInfo.InvariantCulture);
        if (reply.Error is { } error)
            headers[Wire.ErrorHeader] = JsonSerializer.Serialize(error, MillraceJson.Options);
        if (reply.RetryAfter is { } pause)
            headers[Wire.RetryAfterHeader] = pause.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        return reply.Output ?? ReadOnlyMemory<byte>.Empty;
    }

    private static ReadOnlyMemory<byte> WriteBatch(IReadOnlyList<StepItem> items, ReadOnlySpan<StepReply> replies, Dictionary<string, string> headers)
    {
        headers[Wire.BatchHeader] = items.Count.ToString(CultureInfo.InvariantCulture);
        var size = 0;
        foreach (var reply in replies)
            size += ItemOverheadBytes + (reply.Output?.Length ?? 0);
        var body = new ArrayBufferWriter<byte>(size);
        using (var writer = new Utf8JsonWriter(body, Relaxed))
        {
            writer.WriteStartArray();
            for (var index = 0; index < items.Count; index++)
                WriteItem(writer, items[index], replies[index]);
            writer.WriteEndArray();
        }
        return body.WrittenMemory;
    }

    private static void WriteItem(Utf8JsonWriter writer, StepItem item, StepReply reply)
    {
        writer.WriteStartObject();
        writer.WriteString("correlationId"u8, item.CorrelationId);
        if (item.Attempt is { } attempt)
            writer.WriteNumber("attempt"u8, attempt);
        if (reply.Output is { } output)
        {
            writer.WritePropertyName("output"u8);
            writer.WriteRawValue(output.Span, skipInputValidation: true);
        }
        if (reply.Error is { } error)
        {
            writer.WritePropertyName("error"u8);
            JsonSerializer.Serialize(writer, error, MillraceJson.Options);
        }
        if (reply.RetryAfter is { } pause)
            writer.WriteNumber("retryAfterSeconds"u8, Math.Round(pause.TotalSeconds, 3));
        writer.WriteEndObject();
    }
}
