using System.Text.Json;

namespace Millrace.Preprocessing.Posts;

/// <summary>The nested parts of a post; what is absent or of another type is taken as not given.</summary>
internal static class PostParts
{
    public static PostAuthor? Author(JsonElement view)
    {
        if (!view.TryGetProperty("author", out var author))
            return JsonFields.Text(view, "did") is { } did ? new PostAuthor(did, JsonFields.Text(view, "handle"), null) : null;
        return author.ValueKind switch
        {
            JsonValueKind.String => new PostAuthor(null, JsonText.Read(author, out _), null),
            JsonValueKind.Object => new PostAuthor(
                JsonFields.Text(author, "did"), JsonFields.Text(author, "handle"), JsonFields.Text(author, "displayName", "display_name")),
            _ => null,
        };
    }

    /// <summary>Labels of the view, of the author's account and of the record itself, each once.</summary>
    public static IReadOnlyList<string> Labels(JsonElement view, JsonElement record)
    {
        var labels = new List<string>();
        Collect(view, labels);
        if (view.TryGetProperty("author", out var author) && author.ValueKind == JsonValueKind.Object)
            Collect(author, labels);
        Collect(record, labels);
        return [.. labels.Distinct(StringComparer.Ordinal)];
    }

    public static PostReply? Reply(JsonElement record)
    {
        if (!record.TryGetProperty("reply", out var reply) || reply.ValueKind != JsonValueKind.Object)
            return null;
        return new PostReply(UriOf(reply, "parent"), UriOf(reply, "root"));
    }

    public static IReadOnlyList<PostFacet> Facets(JsonElement record)
    {
        if (!record.TryGetProperty("facets", out var facets) || facets.ValueKind != JsonValueKind.Array)
            return [];
        return [.. facets.EnumerateArray()
            .Where(facet => facet.ValueKind == JsonValueKind.Object)
            .SelectMany(facet => JsonFields.Objects(facet, "features"))
            .Select(feature => new PostFacet(
                JsonFields.Text(feature, "uri"), JsonFields.Text(feature, "did"), JsonFields.Text(feature, "tag")))];
    }

    private static void Collect(JsonElement holder, List<string> labels)
    {
        if (!holder.TryGetProperty("labels", out var found))
            return;
        // A record's own labels are wrapped as {values:[{val}]}.
        var list = found.ValueKind == JsonValueKind.Object && found.TryGetProperty("values", out var values) ? values : found;
        if (list.ValueKind != JsonValueKind.Array)
            return;
        foreach (var label in list.EnumerateArray())
        {
            var name = label.ValueKind switch
            {
                JsonValueKind.String => JsonText.Read(label, out _),
                JsonValueKind.Object => JsonFields.Text(label, "val"),
                _ => null,
            };
            if (name is not null)
                labels.Add(name);
        }
    }

    private static string? UriOf(JsonElement reply, string name) =>
        reply.TryGetProperty(name, out var reference) && reference.ValueKind == JsonValueKind.Object
            ? JsonFields.Text(reference, "uri")
            : null;
}
