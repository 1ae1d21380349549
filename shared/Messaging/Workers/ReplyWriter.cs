using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>Writes the reply to a step message: through the default exchange to its <c>reply_to</c>, with its correlation id.</summary>
internal static class ReplyWriter
{
    /// <summary>What an item of a batch may take beside its output; a correlation id is the longest of it.</summary>
    public const int EnvelopeBytes = 2 * 1024;

    /// <summary>What an error may take, each of its characters escaped.</summary>
    private const int MaxErrorBytes = 14 * 1024;

    private const int ItemOverheadBytes = 100;

    private static readonly JsonWriterOptions Relaxed = new() { Encoder = MillraceJson.Options.Encoder, SkipValidation = true };

    /// <param name="replies">One an item, in order.</param>
    /// <param name="traceParent">The span that handled the message, or null.</param>
    /// <param name="maxBodyBytes">Of one message; the reply to a batch whose outputs are larger together travels in parts.</param>
    /// <returns>None if the message asks for no reply.</returns>
    public static IReadOnlyList<OutgoingMessage> Write(StepMessage message, StepReply[] replies, string? traceParent, int maxBodyBytes)
    {
        if (string.IsNullOrEmpty(message.Source.Properties.ReplyTo))
            return [];
        if (message.IsBatch)
            return [.. WriteParts(message, replies, 0, replies.Length, traceParent, maxBodyBytes)];
        var headers = NewHeaders(message, traceParent);
        return [NewMessage(message, WriteSingle(message.Items[0], replies[0], headers), headers)];
    }

    /// <summary>In halves until each is small enough; one item always is.</summary>
    private static IEnumerable<OutgoingMessage> WriteParts(
        StepMessage message, StepReply[] replies, int start, int count, string? traceParent, int maxBodyBytes)
    {
        if (count > 1 && Bound(replies.AsSpan(start, count)) > maxBodyBytes)
        {
            var half = count / 2;
            return WriteParts(message, replies, start, half, traceParent, maxBodyBytes)
                .Concat(WriteParts(message, replies, start + half, count - half, traceParent, maxBodyBytes));
        }
        var headers = NewHeaders(message, traceParent);
        return [NewMessage(message, WriteBatch(message.Items.Skip(start), replies.AsSpan(start, count), headers), headers)];
    }

    private static long Bound(ReadOnlySpan<StepReply> replies)
    {
        var size = 0L;
        foreach (var reply in replies)
            size += EnvelopeBytes + (reply.Output?.Length ?? MaxErrorBytes);
        return size;
    }

    private static Dictionary<string, string> NewHeaders(StepMessage message, string? traceParent)
    {
        var headers = new Dictionary<string, string>(3);
        if ((traceParent ?? message.TraceParent) is { } trace)
            headers[Wire.TraceParentHeader] = trace;
        return headers;
    }

    private static OutgoingMessage NewMessage(StepMessage message, ReadOnlyMemory<byte> body, Dictionary<string, string> headers) =>
        new("", message.Source.Properties.ReplyTo!, body, new MessageProperties
        {
            ContentType = Wire.JsonContentType,
            CorrelationId = message.Source.Properties.CorrelationId,
            AppId = Environment.MachineName,
            Headers = headers,
        });

    private static ReadOnlyMemory<byte> WriteSingle(StepItem item, StepReply reply, Dictionary<string, string> headers)
    {
        if (item.Attempt is { } attempt)
            headers[Wire.AttemptHeader] = attempt.ToString(CultureInfo.InvariantCulture);
        if (reply.Error is { } error)
            headers[Wire.ErrorHeader] = JsonSerializer.Serialize(error, MillraceJson.Options);
        if (reply.RetryAfter is { } pause)
            headers[Wire.RetryAfterHeader] = pause.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        if (reply.RetryReason is { } reason)
            headers[Wire.RetryReasonHeader] = reason;
        return reply.Output ?? ReadOnlyMemory<byte>.Empty;
    }

    private static ReadOnlyMemory<byte> WriteBatch(IEnumerable<StepItem> items, ReadOnlySpan<StepReply> replies, Dictionary<string, string> headers)
    {
        headers[Wire.BatchHeader] = replies.Length.ToString(CultureInfo.InvariantCulture);
        var size = 0;
        foreach (var reply in replies)
            size += ItemOverheadBytes + (reply.Output?.Length ?? 0);
        var body = new ArrayBufferWriter<byte>(size);
        using (var writer = new Utf8JsonWriter(body, Relaxed))
        {
            writer.WriteStartArray();
            var index = 0;
            foreach (var item in items.Take(replies.Length))
                WriteItem(writer, item, replies[index++]);
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
        if (reply.RetryReason is { } reason)
            writer.WriteString("retryReason"u8, reason);
        writer.WriteEndObject();
    }
}
