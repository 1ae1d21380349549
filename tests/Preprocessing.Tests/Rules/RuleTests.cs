namespace Millrace.Preprocessing.Tests.Rules;

public sealed class RuleTests
{
    private readonly Preprocess _preprocess = new();

    [Fact]
    public void Every_verdict_is_given_with_its_reason_and_the_version()
    {
        var post = _preprocess.Text("A calm post about water mills on small rivers");

        Assert.Equal(
            ["has-text", "min-length", "language", "author", "spam", "labels", "exact-duplicate", "near-duplicate"],
            post.Rules.Select(verdict => verdict.Rule));
        Assert.All(post.Rules, verdict => Assert.True(verdict.Passed, verdict.Reason));
        Assert.All(post.Rules, verdict => Assert.NotEmpty(verdict.Reason));
        Assert.Equal("default", post.RuleSet.Name);
        Assert.Matches("^[0-9a-f]{12}$", post.RuleSet.Version);
        Assert.True(post.Keep);
    }

    [Fact]
    public void An_empty_text_is_a_verdict_and_no_error()
    {
        var post = _preprocess.Text(" \u200b ");

        Assert.False(Preprocess.Verdict(post, "has-text").Passed);
        Assert.False(post.Keep);
    }

    [Fact]
    public void A_rule_that_only_marks_keeps_the_post()
    {
        var post = new Preprocess("{name: t, rules: [{rule: has-text, action: mark}]}").Text("");

        Assert.False(Preprocess.Verdict(post, "has-text").Passed);
        Assert.True(post.Keep);
    }

    [Fact]
    public void A_language_is_dropped_only_when_it_is_sure()
    {
        var preprocess = new Preprocess("{name: t, rules: [{rule: language, allow: [en], minConfidence: 0.8}]}");

        Assert.False(preprocess.Text("Das Wasser dreht das Rad und das Rad dreht den Mühlstein, den niemand sonst bewegt").Keep);
        Assert.True(preprocess.Text("ok").Keep);
        Assert.True(preprocess.Text("12345").Keep);
        Assert.True(preprocess.Text("The water turns the wheel and the wheel turns the stone").Keep);
    }

    [Theory]
    [InlineData("Great reading at https://bit.ly/3xYz", false)]
    [InlineData("Great reading at https://www.tinyurl.com/3xYz", false)]
    [InlineData("Great reading at https://rabbit.ly.example.org/habit.ly", true)]
    [InlineData("#a1 #b #c #d #e #f #g #h #i too many tags", false)]
    [InlineData("Click here and BUY NOW!", false)]
    [InlineData("Click here for the paper", true)]
    [InlineData("He will click hereafter and buy nowhere", true)]
    public void Spam_is_seen_inside_links_and_as_whole_words(string text, bool passed) =>
        Assert.Equal(passed, Preprocess.Verdict(_preprocess.Text(text), "spam").Passed);

    [Theory]
    [InlineData("did:plc:bot")]
    [InlineData("Robot.Example")]
    public void An_author_is_blocked_by_did_or_handle(string name)
    {
        var preprocess = new Preprocess("{name: t, rules: [{rule: author, block: ['did:plc:bot', robot.example]}]}");

        var post = preprocess.Post($$$"""{"uri":"x","text":"hello","author":{"did":"{{{name}}}","handle":"{{{name}}}"}}""");

        Assert.False(post.Keep);
        Assert.True(preprocess.Text("hello").Keep);
    }
}
