using System.Text.Json;

namespace Millrace.Cli.Posts;

/// <summary>One post on its way in.</summary>
/// <param name="Body">One JSON object in UTF-8.</param>
/// <param name="Source">Where it stands: the file and its place in it, for messages to a person.</param>
public sealed record Post(ReadOnlyMemory<byte> Body, string Source);

/// <summary>A post file is wrong in a way that reading on cannot mend.</summary>
public sealed class PostFileException(string message) : Exception(message);

/// <summary>
/// Reads posts from files as they are: JSON Lines, CSV with a header, a JSON object or array, a Bluesky feed
/// (<c>{"feed":[{"post":...}]}</c>) or list of post views (<c>{"posts":[...]}</c>). <c>-</c> reads JSON Lines from standard input.
/// </summary>
public static class PostFile
{
    /// <summary>Standard input, as it is written on the command line.</summary>
    public const string StandardInput = "-";

    /// <summary>A JSON document other than JSON Lines is read whole, so it has a limit.</summary>
    public const long MaxDocumentBytes = 256L * 1024 * 1024;

    /// <exception cref="PostFileException">The file does not exist, is too large or is not of a known kind; says where and why.</exception>
    public static IAsyncEnumerable<Post> ReadAsync(string path, CancellationToken cancellationToken)
    {
        if (path == StandardInput)
            return JsonLinesPosts.ReadAsync(Console.OpenStandardInput(), "standard input", cancellationToken);
        if (!File.Exists(path))
            throw new PostFileException($"{path}: there is no such file.");
        return Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".csv" => CsvPosts.ReadAsync(path, cancellationToken),
            ".jsonl" or ".ndjson" => JsonLinesPosts.ReadAsync(File.OpenRead(path), path, cancellationToken),
            _ => ReadDocumentOrLinesAsync(path, cancellationToken),
        };
    }

    private static async IAsyncEnumerable<Post> ReadDocumentOrLinesAsync(
        string path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (new FileInfo(path).Length > MaxDocumentBytes)
            throw new PostFileException($"{path}: a JSON document may have {MaxDocumentBytes / 1024 / 1024} MiB; write larger ones as JSON Lines (.jsonl).");
        using var document = await TryParseAsync(path, cancellationToken);
        if (document is null)
        {
            await foreach (var post in JsonLinesPosts.ReadAsync(File.OpenRead(path), path, cancellationToken))
                yield return post;
            yield break;
        }
        var number = 0;
        foreach (var post in DocumentPosts.Find(document.RootElement))
            yield return new Post(JsonSerializer.SerializeToUtf8Bytes(post), $"{path} #{++number}");
    }

    private static async Task<JsonDocument?> TryParseAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(path);
            return await JsonDocument.ParseAsync(file, cancellationToken: cancellationToken);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
