using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Millrace.Contracts;

namespace Millrace.WorkflowManager.Runtime.Ingest;

/// <summary>Takes posts out of a body: one JSON object, or an array of them. A body is taken whole or refused whole.</summary>
internal static class PostReader
{
    private static readonly JsonDocumentOptions One = new() { MaxDepth = MillraceJson.MaxDepth };

    /// <summary>The array is a level of its own.</summary>
    private static readonly JsonDocumentOptions Many = new() { MaxDepth = MillraceJson.MaxDepth + 1 };

    /// <exception cref="RefusedException">The body is not what may be ingested.</exception>
    public static IReadOnlyList<Post> Read(ReadOnlyMemory<byte> body, WorkflowManagerOptions limits)
    {
        if (!Utf8.IsValid(body.Span))
            throw new RefusedException("bad-json", "The body is not UTF-8.");
        try
        {
            using var document = JsonDocument.Parse(body, body.Span.TrimStart(" \t\r\n"u8).StartsWith("["u8) ? Many : One);
            if (!UnicodeNames.AreValid(document.RootElement, body.Span))
                throw new RefusedException("bad-json", "The name of a property is not valid Unicode text.");
            return document.RootElement.ValueKind switch
            {
                JsonValueKind.Object => [ReadOne(document.RootElement, limits)],
                JsonValueKind.Array => ReadMany(document.RootElement, limits),
                var kind => throw new RefusedException("bad-shape", $"The body is a JSON {kind}; send an object or an array of objects."),
            };
        }
        catch (JsonException error)
        {
            throw new RefusedException("bad-json", $"The body is not JSON: {error.Message}");
        }
    }

    private static List<Post> ReadMany(JsonElement array, WorkflowManagerOptions limits)
    {
        var count = array.GetArrayLength();
        if (count > limits.MaxPostsPerMessage)
            throw new RefusedException("too-many", $"The array holds {count} posts; at most {limits.MaxPostsPerMessage} may travel together.");
        var posts = new List<Post>(count);
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
                throw new RefusedException("bad-shape", $"Item {posts.Count} of the array is a JSON {item.ValueKind}; every item must be an object.");
            posts.Add(ReadOne(item, limits));
        }
        return posts;
    }

    private static Post ReadOne(JsonElement item, WorkflowManagerOptions limits)
    {
        var raw = JsonMarshal.GetRawUtf8Value(item);
        return raw.Length <= limits.MaxPayloadBytes
            ? new Post(item.Clone(), raw.ToArray())
            : throw new RefusedException("too-large", $"A post has {raw.Length} bytes; at most {limits.MaxPayloadBytes} are taken.");
    }
}

/// <param name="Utf8">The same value as it was written; the bytes are the post's own.</param>
internal sealed record Post(JsonElement Value, ReadOnlyMemory<byte> Utf8);
