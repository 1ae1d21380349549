using System.Diagnostics;

namespace Millrace.Preprocessing.Tests.Text;

public sealed class HostileTextTests
{
    public static TheoryData<string> Patterns => ["a", "@", "#", "http://", "www.", "a.b/", "\U0001f600", "\u200f", "@a.", "#1", " \n", "\u0301", "x-", "水"];

    [Theory]
    [MemberData(nameof(Patterns))]
    public void Two_mebibytes_of_anything_take_linear_time(string pattern)
    {
        var text = string.Concat(Enumerable.Repeat(pattern, (2 << 20) / pattern.Length));
        var preprocess = new Preprocess();
        var watch = Stopwatch.StartNew();

        var post = preprocess.Text(text);

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"{watch.Elapsed}");
        Assert.Equal(8, post.Rules.Count);
    }

    [Fact]
    public void Ten_thousand_emoji_are_counted_and_judged()
    {
        var post = new Preprocess().Text(string.Concat(Enumerable.Repeat("\U0001f600", 10_000)));

        Assert.Equal(10_000, post.Entities.EmojiCount);
        Assert.Equal("und", post.Language.Code);
        Assert.False(Preprocess.Verdict(post, "min-length").Passed);
    }
}
