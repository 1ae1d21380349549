using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using Millrace.Contracts;

namespace Millrace.Cli.Posts;

/// <summary>A CSV file with a header: each row becomes an object of strings; a file without <c>uri</c> is keyed by its rows.</summary>
internal static class CsvPosts
{
    public static async IAsyncEnumerable<Post> ReadAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(path);
        using var csv = new CsvReader(reader, new CsvConfiguration(CultureInfo.InvariantCulture) { BadDataFound = null, MissingFieldFound = null });
        if (!await csv.ReadAsync() || !csv.ReadHeader())
            throw new PostFileException($"{path}: the file is empty; its first line must name the columns, among them text.");
        var columns = csv.HeaderRecord!;
        var text = Array.FindIndex(columns, IsTextColumn);
        if (text < 0)
            throw new PostFileException($"{path}: no column is named text, tweet, body or content; its columns are {string.Join(", ", columns)}.");
        while (await csv.ReadAsync())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var row = csv.Parser.Row;
            yield return new Post(JsonSerializer.SerializeToUtf8Bytes(ToObject(csv, columns, text, path), MillraceJson.Options), $"{path}:{row}");
        }
    }

    private static bool IsTextColumn(string column) => column.ToLowerInvariant() is "text" or "tweet" or "body" or "content";

    private static Dictionary<string, string> ToObject(CsvReader csv, string[] columns, int text, string path)
    {
        var post = new Dictionary<string, string>();
        for (var i = 0; i < columns.Length; i++)
        {
            if (csv.GetField(i) is { } value && columns[i].Length > 0)
                post[columns[i]] = value;
        }
        post.TryAdd("text", csv.GetField(text) ?? "");
        post.TryAdd("uri", $"{Path.GetFileName(path)}#{csv.Parser.RawRow}");
        return post;
    }
}
