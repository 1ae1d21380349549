using System.Text.Json;

namespace Millrace.Cli.Posts;

/// <param name="Bytes">Of the posts as they would be sent.</param>
/// <param name="Broken">Posts that are no JSON objects; a manager refuses them.</param>
internal sealed record FileSurvey(string File, long Posts, long Bytes, long Broken);

/// <param name="FirstBroken">Where the first broken posts stand.</param>
internal sealed record PostSurvey(IReadOnlyList<FileSurvey> Files, IReadOnlyList<string> FirstBroken)
{
    private const int MaxBrokenShown = 20;

    public long Posts => Files.Sum(file => file.Posts);

    public long Bytes => Files.Sum(file => file.Bytes);

    public long Broken => Files.Sum(file => file.Broken);

    /// <summary>Reads all posts and looks whether each is a JSON object.</summary>
    public static async Task<PostSurvey> OfAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        var files = new List<FileSurvey>();
        var firstBroken = new List<string>();
        foreach (var path in paths)
        {
            var survey = new FileSurvey(path, 0, 0, 0);
            await foreach (var post in PostFile.ReadAsync(path, cancellationToken))
            {
                survey = survey with { Posts = survey.Posts + 1, Bytes = survey.Bytes + post.Body.Length };
                if (IsObject(post.Body.Span))
                    continue;
                survey = survey with { Broken = survey.Broken + 1 };
                if (firstBroken.Count < MaxBrokenShown)
                    firstBroken.Add(post.Source);
            }
            files.Add(survey);
        }
        return new PostSurvey(files, firstBroken);
    }

    /// <summary>Counts the posts of files; null if one of them is standard input, which can be read only once.</summary>
    public static async Task<long?> CountAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken)
    {
        if (paths.Contains(PostFile.StandardInput))
            return null;
        var posts = 0L;
        foreach (var path in paths)
        {
            await foreach (var _ in PostFile.ReadAsync(path, cancellationToken))
                posts++;
        }
        return posts;
    }

    private static bool IsObject(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            reader.Skip();
            return !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
