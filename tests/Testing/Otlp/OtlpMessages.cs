using Google.Protobuf;

namespace Millrace.Testing.Otlp;

public sealed record ReceivedLog(string Severity, string Body, IReadOnlyDictionary<string, string> Attributes, string TraceId);

public sealed record ReceivedSpan(string Name, string TraceId, string SpanId, string ParentSpanId, IReadOnlyDictionary<string, string> Attributes);

/// <summary>Reads OTLP's protobuf messages by their field numbers (opentelemetry-proto 1.x).</summary>
internal static class OtlpMessages
{
    public static IEnumerable<ReceivedLog> ReadLogs(byte[] request) =>
        from record in Descend(request, 1, 2, 2)
        let fields = Fields(record)
        select new ReceivedLog(
            Text(fields, 3), Value(fields.FirstOrDefault(field => field.Number == 5).Bytes ?? []), Attributes(fields, 6), Hex(fields, 9));

    public static IEnumerable<ReceivedSpan> ReadSpans(byte[] request) =>
        from span in Descend(request, 1, 2, 2)
        let fields = Fields(span)
        select new ReceivedSpan(Text(fields, 5), Hex(fields, 1), Hex(fields, 2), Hex(fields, 4), Attributes(fields, 9));

    public static IEnumerable<string> ReadMetricNames(byte[] request) => Descend(request, 1, 2, 2).Select(metric => Text(Fields(metric), 1));

    private static IEnumerable<byte[]> Descend(byte[] message, params int[] path) =>
        path.Aggregate<int, IEnumerable<byte[]>>([message], (messages, number) =>
            messages.SelectMany(one => Fields(one).Where(field => field.Number == number).Select(field => field.Bytes!)));

    private static Dictionary<string, string> Attributes(List<(int Number, byte[]? Bytes, ulong Bits)> fields, int number) =>
        fields.Where(field => field.Number == number).Select(field => Fields(field.Bytes!))
            .GroupBy(pair => Text(pair, 1))
            .ToDictionary(group => group.Key, group => Value(group.Last().FirstOrDefault(field => field.Number == 2).Bytes ?? []));

    /// <summary>An AnyValue as text: a string, a bool or an integer.</summary>
    private static string Value(byte[] anyValue)
    {
        var field = Fields(anyValue).FirstOrDefault();
        return field.Bytes is { } bytes ? System.Text.Encoding.UTF8.GetString(bytes) : field.Bits.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Text(List<(int Number, byte[]? Bytes, ulong Bits)> fields, int number) =>
        System.Text.Encoding.UTF8.GetString(fields.FirstOrDefault(field => field.Number == number).Bytes ?? []);

    private static string Hex(List<(int Number, byte[]? Bytes, ulong Bits)> fields, int number) =>
        Convert.ToHexStringLower(fields.FirstOrDefault(field => field.Number == number).Bytes ?? []);

    private static List<(int Number, byte[]? Bytes, ulong Bits)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[]?, ulong)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            var number = WireFormat.GetTagFieldNumber(tag);
            fields.Add(WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => (number, input.ReadBytes().ToByteArray(), 0),
                WireFormat.WireType.Varint => (number, null, input.ReadUInt64()),
                WireFormat.WireType.Fixed64 => (number, null, input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => (number, null, input.ReadFixed32()),
                var other => throw new InvalidDataException($"Wire type {other} is not part of OTLP."),
            });
        }
        return fields;
    }
}
