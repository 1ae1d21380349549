using Millrace.Preprocessing.Text;

namespace Millrace.Preprocessing.Tests.Text;

public sealed class EntityExtractorTests
{
    [Fact]
    public void Links_mentions_and_hashtags_are_found_each_once()
    {
        var found = Extract("Hi @ann.example. see https://a.example/x?y=1#z), and bit.ly/abc and www.b.example #Mühle #水車 #2026 #a1 #Mühle a@b.example x#y");

        Assert.Equal(["https://a.example/x?y=1#z", "bit.ly/abc", "www.b.example"], found.Urls);
        Assert.Equal(["ann.example"], found.Mentions);
        Assert.Equal(["Mühle", "水車", "a1"], found.Hashtags);
    }

    [Theory]
    [InlineData("no emoji", 0)]
    [InlineData("\U0001f600\U0001f600", 2)]
    [InlineData("\U0001f468\u200d\U0001f469\u200d\U0001f467", 1)]
    [InlineData("\U0001f44d\U0001f3fd", 1)]
    [InlineData("\U0001f1e9\U0001f1ea\U0001f1eb\U0001f1f7", 2)]
    [InlineData("1\ufe0f\u20e3 \u2764\ufe0f", 2)]
    public void An_emoji_counts_as_it_is_seen(string text, int count) => Assert.Equal(count, Extract(text).EmojiCount);

    [Fact]
    public void Facets_give_the_whole_link_that_the_text_shortens()
    {
        var post = new Preprocess().Post("""
            {"uri":"x","text":"Read this at example.org/lon... now","facets":[{"index":{"byteStart":13,"byteEnd":31},
              "features":[{"$type":"app.bsky.richtext.facet#link","uri":"https://example.org/long/path"},
                          {"$type":"app.bsky.richtext.facet#mention","did":"did:plc:q"},{"$type":"app.bsky.richtext.facet#tag","tag":"Wasser"}]}]}
            """);

        Assert.Equal(["https://example.org/long/path"], post.Entities.Urls);
        Assert.Equal(["did:plc:q"], post.Entities.Mentions);
        Assert.Equal(["Wasser"], post.Entities.Hashtags);
    }

    [Fact]
    public void Prose_has_no_links_and_mentions() =>
        Assert.Equal("look at   by  ", EntityExtractor.Prose("look at https://a.example by @ann"));

    private static TextEntities Extract(string text) => EntityExtractor.Extract(text, [], []);
}
