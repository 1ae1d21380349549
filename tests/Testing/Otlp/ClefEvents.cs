using System.Text;
using System.Text.Json;

namespace Millrace.Testing.Otlp;

/// <summary>Reads log events as Seq takes them: a JSON object a line, with <c>@t @mt @l @x @tr @sp</c> and the properties (CLEF).</summary>
internal static class ClefEvents
{
    public static IEnumerable<ReceivedLog> Read(byte[] body) =>
        Encoding.UTF8.GetString(body).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(ReadLine);

    private static ReceivedLog ReadLine(string line)
    {
        using var document = JsonDocument.Parse(line);
        var members = document.RootElement.EnumerateObject().ToDictionary(member => member.Name, member => Text(member.Value));
        return new ReceivedLog(
            members.GetValueOrDefault("@l", "Information"), members["@mt"],
            members.Where(member => !member.Key.StartsWith('@')).ToDictionary(), members.GetValueOrDefault("@tr", ""));
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
