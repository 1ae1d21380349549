using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Codec;

/// <summary>Timeline events as they are stored: the JSON that REST shows, less the version that the record carries.</summary>
internal static class TimelineCodec
{
    private static readonly JsonWriterOptions Writing = new() { SkipValidation = true, Encoder = MillraceJson.Options.Encoder };

    [ThreadStatic]
    private static Scratch? _scratch;

    public static ReadOnlyMemory<byte> Write(ImmutableArray<TimelineEvent> events)
    {
        if (events.IsEmpty)
            return default;
        var (buffer, writer) = _scratch ??= new Scratch();
        buffer.ResetWrittenCount();
        writer.Reset();
        writer.WriteStartArray();
        foreach (var happened in events)
            Write(writer, happened);
        writer.WriteEndArray();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static IEnumerable<TimelineEventView> Read(TimelineRecord record) =>
        JsonSerializer.Deserialize<List<TimelineEventView>>(record.Events.Span, MillraceJson.Options)!
            .Select(happened => happened with { Version = record.Version });

    private static void Write(Utf8JsonWriter writer, TimelineEvent happened)
    {
        writer.WriteStartObject();
        writer.WriteString("at"u8, happened.At);
        writer.WriteString("kind"u8, happened.Kind.Name());
        if (happened.Step is not null)
            writer.WriteString("step"u8, happened.Step);
        if (happened.Attempt is { } attempt)
            writer.WriteNumber("attempt"u8, attempt);
        if (happened.Failure is { } failure)
        {
            writer.WriteStartObject("error"u8);
            writer.WriteString("type"u8, failure.Type);
            writer.WriteString("message"u8, failure.Message);
            writer.WriteBoolean("transient"u8, failure.Transient);
            writer.WriteEndObject();
        }
        if (happened.Until is { } until)
            writer.WriteString("until"u8, until);
        if (happened.Detail is not null)
            writer.WriteString("detail"u8, happened.Detail);
        writer.WriteEndObject();
    }

    /// <summary>Each thread's own, used again for every change.</summary>
    private sealed record Scratch(ArrayBufferWriter<byte> Buffer, Utf8JsonWriter Writer)
    {
        public Scratch()
            : this(new ArrayBufferWriter<byte>(1024))
        {
        }

        private Scratch(ArrayBufferWriter<byte> buffer)
            : this(buffer, new Utf8JsonWriter(buffer, Writing))
        {
        }
    }
}
