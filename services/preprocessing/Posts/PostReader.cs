using System.Text.Json;

namespace Millrace.Preprocessing.Posts;

/// <summary>
/// Reads posts in the shapes people have: plain <c>{uri,text}</c>, Bluesky post views and feed items (camelCase or
/// snake_case, as different clients save them), Jetstream commits.
/// </summary>
internal static class PostReader
{
    private const string JetstreamPosts = "app.bsky.feed.post";

    private static readonly HashSet<string> OwnFields =
    [
        "uri", "id", "text", "cid", "createdAt", "created_at", "langs", "author", "labels", "tags", "reply", "facets", "record",
        "language", "entities", "rules", "ruleSet", "keep", "textHash", "normalization", "did", "handle",
    ];

    public static (Post? Post, PostRejection? Rejection) Read(JsonElement input)
    {
        try
        {
            return ReadAny(input);
        }
        catch (InvalidOperationException)
        {
            // A text's half characters are replaced; in a field's name System.Text.Json refuses to read one.
            return (null, PostRejection.BrokenName);
        }
    }

    private static (Post?, PostRejection?) ReadAny(JsonElement input)
    {
        if (input.ValueKind != JsonValueKind.Object)
            return (null, PostRejection.WrongType("post", "an object", input.ValueKind));
        if (input.TryGetProperty("feed", out var feed) && feed.ValueKind == JsonValueKind.Array)
            return (null, PostRejection.NotAPost("This is a whole feed; publish its posts one by one."));
        if (input.TryGetProperty("commit", out var commit) && commit.ValueKind == JsonValueKind.Object)
            return ReadJetstream(input, commit);
        if (input.TryGetProperty("post", out var view) && view.ValueKind == JsonValueKind.Object)
            return ReadView(view, PlainFields.None);
        return ReadView(input, PlainFields.Other(input, OwnFields));
    }

    private static (Post?, PostRejection?) ReadJetstream(JsonElement input, JsonElement commit)
    {
        var collection = JsonFields.Text(commit, "collection");
        if (collection != JetstreamPosts)
            return (null, PostRejection.NotAPost($"The commit is of the collection '{collection}', not of {JetstreamPosts}."));
        if (!commit.TryGetProperty("record", out var record) || record.ValueKind != JsonValueKind.Object)
            return (null, PostRejection.NotAPost($"The commit holds no record; its operation is '{JsonFields.Text(commit, "operation")}'."));
        var did = JsonFields.Text(input, "did");
        var uri = did is null ? null : $"at://{did}/{collection}/{JsonFields.Text(commit, "rkey")}";
        return Build(uri, record, view: commit, new PostAuthor(did, null, null), PlainFields.None);
    }

    private static (Post?, PostRejection?) ReadView(JsonElement view, IReadOnlyDictionary<string, JsonElement> extra)
    {
        foreach (var name in (ReadOnlySpan<string>)["uri", "id"])
        {
            if (view.TryGetProperty(name, out var named) && named.ValueKind is not (JsonValueKind.String or JsonValueKind.Null or JsonValueKind.Number))
                return (null, PostRejection.WrongType(name, "a string", named.ValueKind));
        }
        var uri = JsonFields.Text(view, "uri") ?? JsonFields.TextOrNumber(view, "id");
        var record = view.TryGetProperty("record", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : view;
        return Build(uri, record, view, PostParts.Author(view), extra);
    }

    private static (Post?, PostRejection?) Build(
        string? uri, JsonElement record, JsonElement view, PostAuthor? author, IReadOnlyDictionary<string, JsonElement> extra)
    {
        if (!record.TryGetProperty("text", out var written) || written.ValueKind == JsonValueKind.Null)
            return (null, PostRejection.TextMissing);
        if (written.ValueKind != JsonValueKind.String)
            return (null, PostRejection.WrongType("text", "a string", written.ValueKind));
        if (string.IsNullOrWhiteSpace(uri))
            return (null, PostRejection.UriMissing);
        var text = JsonText.Read(written, out var unpaired);
        return (new Post(
            uri,
            text,
            unpaired,
            JsonFields.Text(view, "cid"),
            JsonFields.Text(record, "createdAt", "created_at"),
            JsonFields.Texts(record, "langs"),
            author,
            PostParts.Labels(view, record),
            JsonFields.Texts(record, "tags"),
            PostParts.Reply(record),
            PostParts.Facets(record),
            extra), null);
    }
}
