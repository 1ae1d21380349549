using System.Text.Json;

namespace Millrace.Cli.Posts;

/// <summary>Finds the posts in a JSON document: itself, its items, or those of a Bluesky response.</summary>
internal static class DocumentPosts
{
    public static IEnumerable<JsonElement> Find(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Array)
            return root.EnumerateArray().Select(PostOfFeedItem);
        if (root.ValueKind != JsonValueKind.Object)
            return [];
        foreach (var list in (ReadOnlySpan<string>)["feed", "posts"])
        {
            if (root.TryGetProperty(list, out var items) && items.ValueKind == JsonValueKind.Array)
                return items.EnumerateArray().Select(PostOfFeedItem);
        }
        return [PostOfFeedItem(root)];
    }

    /// <summary>A feed item wraps the post view with the reason why it is in the feed; the post view is the post.</summary>
    private static JsonElement PostOfFeedItem(JsonElement item) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty("post", out var post) && post.ValueKind == JsonValueKind.Object ? post : item;
}
