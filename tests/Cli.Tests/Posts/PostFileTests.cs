using System.Text.Json.Nodes;
using Millrace.Cli.Posts;
using Millrace.Testing;

namespace Millrace.Cli.Tests.Posts;

public sealed class PostFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("posts");

    [Theory]
    [InlineData("a.jsonl", "{\"uri\":\"1\"}\n\n  \n{\"uri\":\"2\"}", "1,2")]
    [InlineData("a.ndjson", "{\"uri\":\"1\"}\r\n{\"uri\":\"2\"}\r\n", "1,2")]
    [InlineData("a.json", "[{\"uri\":\"1\"},{\"uri\":\"2\"}]", "1,2")]
    [InlineData("a.json", "{\"uri\":\"1\"}", "1")]
    [InlineData("a.json", "{\"feed\":[{\"post\":{\"uri\":\"1\"},\"reason\":{}},{\"post\":{\"uri\":\"2\"}}],\"cursor\":\"x\"}", "1,2")]
    [InlineData("a.json", "{\"posts\":[{\"uri\":\"1\"},{\"uri\":\"2\"}]}", "1,2")]
    [InlineData("a.txt", "{\"uri\":\"1\"}\n{\"uri\":\"2\"}", "1,2")]
    [InlineData("a.csv", "uri,text\n1,one\n2,\"two, \"\"quoted\"\"\nlines\"\n", "1,2")]
    [InlineData("a.csv", "tweet\none\ntwo\n", "a.csv#2,a.csv#3")]
    public async Task Posts_are_found_in_files_as_they_are(string name, string content, string uris)
    {
        var path = Write(name, content);

        var found = await ReadAsync(path);

        Assert.Equal(uris, string.Join(',', found.Select(post => post["uri"]!.ToString())));
    }

    [Fact]
    public async Task A_csv_row_keeps_its_columns_and_has_its_text()
    {
        var path = Write("a.csv", "id,tweet,likes\n7,\"hello, \"\"you\"\"\n🦣\",3\n");

        var post = Assert.Single(await ReadAsync(path));

        Assert.Equal("hello, \"you\"\n🦣", post["text"]!.ToString());
        Assert.Equal("3", post["likes"]!.ToString());
    }

    [Theory]
    [InlineData("missing.jsonl", null, "no such file")]
    [InlineData("empty.csv", "", "empty")]
    [InlineData("wrong.csv", "a,b\n1,2\n", "text, tweet, body or content")]
    public async Task What_cannot_be_read_is_named_with_the_reason(string name, string? content, string reason)
    {
        var path = Path.Combine(_folder.Path, name);
        if (content is not null)
            Write(name, content);

        var error = await Assert.ThrowsAsync<PostFileException>(() => ReadAsync(path));

        Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_survey_counts_posts_of_each_file_and_points_at_broken_ones()
    {
        var lines = Write("a.jsonl", "{\"uri\":\"1\"}\n{broken\n7\n{\"uri\":\"2\"} trailing\n");
        var table = Write("b.csv", "text\none\n");

        var survey = await PostSurvey.OfAsync([lines, table], CancellationToken.None);

        Assert.Equal([(4L, 3L), (1L, 0L)], survey.Files.Select(file => (file.Posts, file.Broken)));
        Assert.Equal([$"{lines}:2", $"{lines}:3", $"{lines}:4"], survey.FirstBroken);
        Assert.Equal(5, await PostSurvey.CountAsync([lines, table], CancellationToken.None));
        Assert.Null(await PostSurvey.CountAsync([lines, "-"], CancellationToken.None));
    }

    public void Dispose() => _folder.Dispose();

    private string Write(string name, string content)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllText(path, content);
        return path;
    }

    private static async Task<List<JsonNode>> ReadAsync(string path)
    {
        var posts = new List<JsonNode>();
        await foreach (var post in PostFile.ReadAsync(path, CancellationToken.None))
            posts.Add(JsonNode.Parse(post.Body.Span)!);
        return posts;
    }
}
