using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Millrace.Contracts.Views;

/// <summary>A JSON value that is carried as it is, neither parsed nor copied field by field.</summary>
/// <param name="Utf8">One complete JSON value in UTF-8.</param>
[JsonConverter(typeof(Converter))]
public readonly record struct JsonBody(ReadOnlyMemory<byte> Utf8)
{
    public JsonElement ToElement() => JsonElement.Parse(Utf8.Span);

    public override string ToString() => System.Text.Encoding.UTF8.GetString(Utf8.Span);

    private sealed class Converter : JsonConverter<JsonBody>
    {
        public override JsonBody Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            using var document = JsonDocument.ParseValue(ref reader);
            var buffer = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = options.Encoder }))
                document.WriteTo(writer);
            return new JsonBody(buffer.WrittenMemory);
        }

        public override void Write(Utf8JsonWriter writer, JsonBody value, JsonSerializerOptions options) =>
            writer.WriteRawValue(value.Utf8.Span, skipInputValidation: true);
    }
}
