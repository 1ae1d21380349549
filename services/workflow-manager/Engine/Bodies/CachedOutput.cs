using System.Buffers;
using System.Text.Json;

namespace Millrace.WorkflowManager.Engine.Bodies;

/// <summary>
/// A step's output as a cache keeps it: an object with <c>output</c>, and <c>echo</c>, which names the fields of the output that
/// only repeat the input, each with the input's field that it repeats.
/// </summary>
public static class CachedOutput
{
    /// <param name="output">UTF-8 JSON object.</param>
    /// <param name="input">What it was made of, a UTF-8 JSON object.</param>
    /// <param name="names">Fields of the output that may repeat any of these fields of the input.</param>
    public static ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> output, ReadOnlyMemory<byte> input, IReadOnlyCollection<string> names)
    {
        var sources = Fields(input, names);
        var echoes = new Dictionary<string, string>();
        foreach (var (name, value) in Fields(output, names))
        {
            // An "uri" may repeat the input's "id"; its namesake comes first.
            var source = sources.Where(field => JsonElement.DeepEquals(field.Value, value)).OrderByDescending(field => field.Key == name)
                .Select(field => field.Key).FirstOrDefault();
            if (source is not null)
                echoes.Add(name, source);
        }
        var buffer = new ArrayBufferWriter<byte>(output.Length + 64);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        writer.WritePropertyName("echo");
        JsonSerializer.Serialize(writer, echoes);
        writer.WritePropertyName("output");
        writer.WriteRawValue(output.Span, skipInputValidation: true);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <param name="kept">As <see cref="Write"/> gave it.</param>
    /// <param name="input">What is to be answered, with the same fields to repeat as the input that the output was made of.</param>
    /// <returns>The output with this input's fields where it repeats its own.</returns>
    public static ReadOnlyMemory<byte> Read(ReadOnlyMemory<byte> kept, ReadOnlyMemory<byte> input)
    {
        var echoes = JsonSerializer.Deserialize<Dictionary<string, string>>(JsonProperties.Find(kept.Span, "echo"))!;
        var answer = new JsonObjectBuilder();
        var properties = new JsonProperties(JsonProperties.Find(kept.Span, "output"));
        while (properties.MoveNext())
        {
            if (echoes.TryGetValue(properties.Name, out var source))
                answer.Add(properties.Name, [.. properties.Pair[..^properties.Value.Length], .. JsonProperties.Find(input.Span, source)]);
            else
                answer.Add(properties.Name, properties.Pair);
        }
        return answer.Build();
    }

    private static Dictionary<string, JsonElement> Fields(ReadOnlyMemory<byte> json, IReadOnlyCollection<string> names)
    {
        var fields = new Dictionary<string, JsonElement>();
        var properties = new JsonProperties(json.Span);
        while (properties.MoveNext())
        {
            if (names.Contains(properties.Name))
                fields.TryAdd(properties.Name, JsonElement.Parse(properties.Value, new JsonDocumentOptions { MaxDepth = JsonProperties.MaxDepth }));
        }
        return fields;
    }
}
