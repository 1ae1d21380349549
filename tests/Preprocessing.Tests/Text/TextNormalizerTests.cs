using System.Diagnostics;
using Millrace.Preprocessing.Text;

namespace Millrace.Preprocessing.Tests.Text;

public sealed class TextNormalizerTests
{
    [Theory]
    [InlineData("  a \t b  ", "a b")]
    [InlineData("a\r\n\r\n b\u2028c", "a\nb\nc")]
    [InlineData("cafe\u0301", "caf\u00e9")]
    [InlineData("a\u00a0\u3000b", "a b")]
    [InlineData("\u2764\ufe0f\u200d\U0001f525", "\u2764\ufe0f\u200d\U0001f525")]
    [InlineData("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645")]
    [InlineData("\uffff\ufdd0 a", "\uffff\ufdd0 a")]
    public void Spaces_and_composition_come_to_one_form(string written, string expected) =>
        Assert.Equal(expected, TextNormalizer.Normalize(written, 0).Value);

    [Theory]
    [InlineData("a\0b", "ab", "nul")]
    [InlineData("a\u0007\u009fb", "ab", "control-characters")]
    [InlineData("\ufeffso\u00adft\u200b", "soft", "invisible-characters")]
    [InlineData("\u202eabc\u202c\u200f", "abc", "direction-marks")]
    public void What_is_removed_is_named(string written, string expected, string reason)
    {
        var text = TextNormalizer.Normalize(written, 0);

        Assert.Equal(expected, text.Value);
        Assert.Equal(reason, Assert.Single(text.Changes).Reason);
    }

    [Fact]
    public void Half_a_character_is_replaced_and_named()
    {
        var post = new Preprocess().Post("""{"uri":"x","text":"broken \ud83d half \\u0041 and \ud83d\ude00 whole \udc00"}""");

        Assert.Equal("broken \ufffd half \\u0041 and \U0001f600 whole \ufffd", post.Text);
        Assert.Equal(new TextChange("unpaired-surrogates", 2), Assert.Single(post.Normalization!));
    }

    [Fact]
    public void A_tower_of_marks_is_cut_in_linear_time()
    {
        var watch = Stopwatch.StartNew();

        var text = TextNormalizer.Normalize("a" + string.Concat(Enumerable.Repeat("\u0316\u0301", 500_000)), 0);

        Assert.InRange(text.Value.Length, 1, 32);
        Assert.Equal("stacked-marks", Assert.Single(text.Changes).Reason);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
    }
}
