using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Millrace.WorkflowManager.Definitions.Yaml;

/// <summary>YAML values as JSON, by the rules of YAML 1.2: <c>true</c> is a truth value, <c>yes</c> is text.</summary>
internal static class YamlJson
{
    public static JsonElement ToElement(YamlNode node) => JsonElement.Parse(ToUtf8(node).Span);

    public static ReadOnlyMemory<byte> ToUtf8(YamlNode node)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            Write(writer, node);
        return buffer.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMap map:
                writer.WriteStartObject();
                foreach (var entry in map.Entries)
                {
                    writer.WritePropertyName(entry.Key.Text);
                    Write(writer, entry.Value);
                }
                writer.WriteEndObject();
                break;
            case YamlList list:
                writer.WriteStartArray();
                foreach (var item in list.Items)
                    Write(writer, item);
                writer.WriteEndArray();
                break;
            case YamlScalar scalar:
                WriteScalar(writer, scalar);
                break;
        }
    }

    private static void WriteScalar(Utf8JsonWriter writer, YamlScalar scalar)
    {
        if (scalar.IsNull)
            writer.WriteNullValue();
        else if (!scalar.IsPlain)
            writer.WriteStringValue(scalar.Text);
        else if (scalar.Text is "true" or "True" or "TRUE")
            writer.WriteBooleanValue(true);
        else if (scalar.Text is "false" or "False" or "FALSE")
            writer.WriteBooleanValue(false);
        else if (long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            writer.WriteNumberValue(whole);
        else if (char.IsAsciiDigit(scalar.Text[^1])
            && double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            writer.WriteNumberValue(number);
        else
            writer.WriteStringValue(scalar.Text);
    }
}
