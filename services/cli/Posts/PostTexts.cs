using System.Text.Json;

namespace Millrace.Cli.Posts;

/// <summary>The texts of a post file, for measurements.</summary>
internal static class PostTexts
{
    /// <exception cref="PostFileException">The file has no post with a text.</exception>
    public static async Task<IReadOnlyList<string>> ReadAsync(string path, int most, CancellationToken cancellationToken)
    {
        var texts = new List<string>();
        await foreach (var post in PostFile.ReadAsync(path, cancellationToken))
        {
            if (TextOf(post) is { Length: > 0 } text)
                texts.Add(text);
            if (texts.Count == most)
                break;
        }
        return texts.Count > 0 ? texts : throw new PostFileException($"{path}: no post in it has a text.");
    }

    private static string? TextOf(Post post)
    {
        using var document = JsonDocument.Parse(post.Body);
        return document.RootElement.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
    }
}
