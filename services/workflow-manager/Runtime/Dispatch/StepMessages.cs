using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Writes step messages: one a dispatch, or for batched steps what one commit made ready, up to the limits.</summary>
internal static class StepMessages
{
    private const int ItemOverheadBytes = 100;

    /// <param name="replyTo">The queue for the workers' replies.</param>
    /// <returns>Each message with the dispatches that it carries.</returns>
    public static IEnumerable<(OutgoingMessage Message, IReadOnlyList<StepDispatch> Carried)> Write(
        IReadOnlyList<StepDispatch> dispatches, string replyTo, int batchMaxBytes)
    {
        foreach (var single in dispatches.Where(dispatch => dispatch.Batch == 0))
            yield return (WriteSingle(single, replyTo), [single]);
        var batched = dispatches.Where(dispatch => dispatch.Batch > 0)
            .GroupBy(dispatch => (dispatch.Key, dispatch.Queue, dispatch.Batch, dispatch.Priority));
        foreach (var group in batched)
        {
            foreach (var chunk in Split(group, group.Key.Batch, batchMaxBytes))
                yield return (WriteBatch(chunk, replyTo), chunk);
        }
    }

    private static IEnumerable<List<StepDispatch>> Split(IEnumerable<StepDispatch> dispatches, int maxItems, int maxBytes)
    {
        var chunk = new List<StepDispatch>();
        var bytes = 0;
        foreach (var dispatch in dispatches)
        {
            var size = dispatch.Input.Length + ItemOverheadBytes;
            if (chunk.Count > 0 && (chunk.Count == maxItems || bytes + size > maxBytes))
            {
                yield return chunk;
                (chunk, bytes) = ([], 0);
            }
            chunk.Add(dispatch);
            bytes += size;
        }
        if (chunk.Count > 0)
            yield return chunk;
    }

    private static OutgoingMessage WriteSingle(StepDispatch dispatch, string replyTo)
    {
        var headers = new Dictionary<string, string>(4)
        {
            [Wire.AttemptHeader] = dispatch.Attempt.ToString(CultureInfo.InvariantCulture),
            [Wire.WorkflowHeader] = dispatch.Key.Workflow,
        };
        AddDeadline(headers, dispatch.Deadline);
        AddTrace(headers, dispatch.TraceParent);
        return Write(dispatch, dispatch.Input, headers, dispatch.Address.ToString(), replyTo);
    }

    private static OutgoingMessage WriteBatch(List<StepDispatch> chunk, string replyTo)
    {
        var body = new ArrayBufferWriter<byte>(chunk.Sum(dispatch => dispatch.Input.Length + ItemOverheadBytes));
        using (var writer = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true }))
        {
            writer.WriteStartArray();
            foreach (var dispatch in chunk)
            {
                writer.WriteStartObject();
                writer.WriteString("correlationId"u8, dispatch.Address.ToString());
                writer.WriteNumber("attempt"u8, dispatch.Attempt);
                writer.WritePropertyName("input"u8);
                writer.WriteRawValue(dispatch.Input.Span, skipInputValidation: true);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        var headers = new Dictionary<string, string>(4)
        {
            [Wire.BatchHeader] = chunk.Count.ToString(CultureInfo.InvariantCulture),
            [Wire.WorkflowHeader] = chunk[0].Key.Workflow,
        };
        // A worker may give up on the message once nobody waits for any of its items.
        AddDeadline(headers, chunk.All(dispatch => dispatch.Deadline is not null) ? chunk.Max(dispatch => dispatch.Deadline) : null);
        AddTrace(headers, chunk[0].TraceParent);
        return Write(chunk[0], body.WrittenMemory, headers, correlationId: null, replyTo);
    }

    private static OutgoingMessage Write(
        StepDispatch first, ReadOnlyMemory<byte> body, Dictionary<string, string> headers, string? correlationId, string replyTo) =>
        new("", first.Queue, body, new MessageProperties
        {
            ContentType = Wire.JsonContentType,
            CorrelationId = correlationId,
            ReplyTo = replyTo,
            Priority = (byte)first.Priority,
            Headers = headers,
        });

    private static void AddDeadline(Dictionary<string, string> headers, DateTimeOffset? deadline)
    {
        if (deadline is { } moment)
            headers[Wire.DeadlineHeader] = moment.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
    }

    private static void AddTrace(Dictionary<string, string> headers, string? traceParent)
    {
        if (traceParent is not null)
            headers[Wire.TraceParentHeader] = traceParent;
    }
}
