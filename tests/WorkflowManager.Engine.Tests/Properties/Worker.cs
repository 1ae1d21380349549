using System.Buffers;
using System.Text.Json;

namespace Millrace.WorkflowManager.Engine.Tests.Properties;

/// <summary>What the workers of the random world do: they hand everything on and leave their name, whatever the attempt.</summary>
internal static class Worker
{
    public static ReadOnlyMemory<byte> Answer(string step, ReadOnlyMemory<byte> input)
    {
        using var document = JsonDocument.Parse(input);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("by", step);
            writer.WriteBoolean("did-" + step, true);
            foreach (var property in document.RootElement.EnumerateObject())
            {
                if (property.Name != "by" && property.Name != "did-" + step)
                    property.WriteTo(writer);
            }
            writer.WriteEndObject();
        }
        return buffer.WrittenMemory;
    }
}
