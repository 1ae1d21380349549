using System.Collections.Frozen;
using System.Text.Json;

namespace Millrace.Preprocessing.Posts;

/// <summary>What a plain post carries beside the fields that preprocessing itself reads or writes.</summary>
internal static class PlainFields
{
    public static IReadOnlyDictionary<string, JsonElement> None { get; } = FrozenDictionary<string, JsonElement>.Empty;

    public static IReadOnlyDictionary<string, JsonElement> Other(JsonElement post, HashSet<string> own)
    {
        // A post view is Bluesky's own: its counters and avatars are no business of later steps.
        if (post.TryGetProperty("record", out _))
            return None;
        Dictionary<string, JsonElement>? extra = null;
        foreach (var property in post.EnumerateObject())
        {
            if (!own.Contains(property.Name))
                (extra ??= [])[property.Name] = property.Value.Clone();
        }
        return extra ?? None;
    }
}
