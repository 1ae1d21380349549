using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.PerspectiveEmulator;

/// <summary>Fields under the one name by which they are read; attributes, in upper case, keep theirs.</summary>
internal static class CamelCase
{
    public static JsonObject Of(JsonObject message)
    {
        var read = new JsonObject();
        foreach (var (name, value) in message)
            read[Of(name)] = value is JsonObject inner ? Of(inner) : value?.DeepClone();
        return read;
    }

    private static string Of(string name)
    {
        if (!name.Contains('_', StringComparison.Ordinal) || name.Any(char.IsUpper))
            return name;
        var words = name.Split('_');
        return JsonNamingPolicy.CamelCase.ConvertName(string.Concat(words.Select(word => word.Length == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..])));
    }
}
