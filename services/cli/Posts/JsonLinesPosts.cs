using System.Runtime.CompilerServices;
using System.Text;

namespace Millrace.Cli.Posts;

/// <summary>One JSON object a line, read as a stream; whether a line is good JSON is for the manager to say.</summary>
internal static class JsonLinesPosts
{
    /// <summary>Longer lines are no posts.</summary>
    public const int MaxLineChars = 16 * 1024 * 1024;

    public static async IAsyncEnumerable<Post> ReadAsync(
        Stream stream, string name, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var number = 0;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            number++;
            if (line.Length > MaxLineChars)
                throw new PostFileException($"{name}:{number}: the line is longer than {MaxLineChars} characters.");
            if (!string.IsNullOrWhiteSpace(line))
                yield return new Post(Encoding.UTF8.GetBytes(line), $"{name}:{number}");
        }
    }
}
