using System.Text.Json;

namespace Millrace.Preprocessing.Posts;

/// <summary>Fields read by any of their names; another type counts as absent.</summary>
internal static class JsonFields
{
    public static string? Text(JsonElement holder, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                return JsonText.Read(value, out _);
        }
        return null;
    }

    public static string? TextOrNumber(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Text(holder, name);

    public static IReadOnlyList<string> Texts(JsonElement holder, string name)
    {
        if (!holder.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
            return [];
        return [.. list.EnumerateArray()
            .Where(item => item.ValueKind == JsonValueKind.String)
            .Select(item => JsonText.Read(item, out _))];
    }

    public static IEnumerable<JsonElement> Objects(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.Object)
            : [];
}
