using System.Text.Json;
using Millrace.Contracts;

namespace Millrace.Preprocessing.Tests.Posts;

public sealed class PostReaderTests
{
    private readonly Preprocess _preprocess = new();

    [Fact]
    public void A_plain_post_keeps_what_it_carries_for_later_steps()
    {
        var post = _preprocess.Post("""{"uri":"x","text":"Hello to everyone","createdAt":"2026-01-01T00:00:00Z","langs":["en"],"sections":["a","b"],"keep":false}""");

        Assert.Equal(("x", "Hello to everyone", "2026-01-01T00:00:00Z"), (post.Uri, post.Text, post.CreatedAt));
        Assert.Equal(["en"], post.Langs);
        var output = JsonSerializer.SerializeToElement(post, MillraceJson.Options);
        Assert.Equal(2, output.GetProperty("sections").GetArrayLength());
        Assert.True(output.GetProperty("keep").GetBoolean());
    }

    [Theory]
    [InlineData("createdAt", "displayName")]
    [InlineData("created_at", "display_name")]
    public void A_post_view_is_read_in_camel_case_and_in_snake_case(string createdAt, string displayName)
    {
        var post = _preprocess.Post($$$"""
            {"uri":"at://did:plc:a/app.bsky.feed.post/1","cid":"c1","indexed_at":"x",
             "author":{"did":"did:plc:a","handle":"ann.example","{{{displayName}}}":"Ann","labels":[{"val":"account-label"}]},
             "labels":[{"val":"porn"}],
             "record":{"text":"A post about the river","{{{createdAt}}}":"2024-01-20T13:19:29.987Z","langs":["en"],
                       "labels":{"values":[{"val":"self-label"}]},
                       "reply":{"parent":{"uri":"at://p"},"root":{"uri":"at://r"} } } }
            """);

        Assert.Equal("2024-01-20T13:19:29.987Z", post.CreatedAt);
        Assert.Equal(new("did:plc:a", "ann.example", "Ann"), post.Author);
        Assert.Equal(["porn", "account-label", "self-label"], post.Labels);
        Assert.Equal(new("at://p", "at://r"), post.Reply);
        Assert.False(Preprocess.Verdict(post, "labels").Passed);
        Assert.False(post.Keep);
    }

    [Fact]
    public void A_feed_item_is_its_post() =>
        Assert.Equal("Nested text here", _preprocess.Post("""{"post":{"uri":"u","record":{"text":"Nested text here"}},"reply":null}""").Text);

    [Fact]
    public void A_Jetstream_commit_is_a_post_named_by_its_repository()
    {
        var post = _preprocess.Post("""
            {"did":"did:plc:z","time_us":1,"kind":"commit",
             "commit":{"operation":"create","collection":"app.bsky.feed.post","rkey":"3k","cid":"c","record":{"text":"From the stream of posts","createdAt":"t"}}}
            """);

        Assert.Equal("at://did:plc:z/app.bsky.feed.post/3k", post.Uri);
        Assert.Equal("did:plc:z", post.Author?.Did);
        Assert.Equal("c", post.Cid);
    }

    [Theory]
    [InlineData("""{"uri":"x"}""", "TEXT_MISSING")]
    [InlineData("""{"uri":"x","text":null}""", "TEXT_MISSING")]
    [InlineData("""{"uri":"x","record":{}}""", "TEXT_MISSING")]
    [InlineData("""{"uri":"x","text":7}""", "WRONG_TYPE")]
    [InlineData("""{"uri":{},"text":"a"}""", "WRONG_TYPE")]
    [InlineData("""{"text":"a"}""", "URI_MISSING")]
    [InlineData("""{"uri":"x","text":"a","na\uD800me":1}""", "INVALID_UTF16")]
    [InlineData("""[1]""", "WRONG_TYPE")]
    [InlineData("""{"feed":[]}""", "NOT_A_POST")]
    [InlineData("""{"did":"d","commit":{"collection":"app.bsky.feed.like","operation":"create"}}""", "NOT_A_POST")]
    [InlineData("""{"did":"d","commit":{"collection":"app.bsky.feed.post","operation":"delete","rkey":"1"}}""", "NOT_A_POST")]
    public void What_is_no_post_is_rejected_with_its_reason_and_never_tried_again(string json, string type)
    {
        var error = _preprocess.Rejection(json);

        Assert.Equal(type, error.Type);
        Assert.False(error.Transient);
        Assert.NotEmpty(error.Message);
    }

    [Fact]
    public void An_id_names_a_post_that_has_no_uri() => Assert.Equal("42", _preprocess.Post("""{"id":42,"text":"hello there"}""").Uri);

    [Fact]
    public void Real_Bluesky_feeds_are_read_whole()
    {
        var folder = FindFeeds();
        Assert.SkipWhen(folder is null, "../shared/data/bluesky-feeds is not here.");
        var read = 0;
        foreach (var file in Directory.EnumerateFiles(folder!, "*.json"))
        {
            using var feed = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (var item in feed.RootElement.GetProperty("feed").EnumerateArray())
            {
                var post = _preprocess.Post(item.GetRawText());
                Assert.StartsWith("at://", post.Uri, StringComparison.Ordinal);
                Assert.NotNull(post.CreatedAt);
                read++;
            }
        }
        Assert.True(read >= 300, $"only {read}");
    }

    private static string? FindFeeds()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var feeds = Path.Combine(folder.FullName, "shared", "data", "bluesky-feeds");
            if (Directory.Exists(feeds))
                return feeds;
        }
        return null;
    }
}
