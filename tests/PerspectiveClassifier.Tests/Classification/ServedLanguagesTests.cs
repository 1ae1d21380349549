using Millrace.Language;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Tests.Classification;

public sealed class ServedLanguagesTests
{
    private const string German = "Der Ausschuss trifft sich am Dienstag, und niemand weiß, worüber dort gesprochen werden soll.";

    private static readonly LanguageIdentifier Identifier = new();

    [Theory]
    [InlineData(German, null, "de")]
    [InlineData("hello", "de", "de")]
    [InlineData("hello", "pt-BR", "pt-BR")]
    [InlineData(German, "en", null)]
    [InlineData(German, "en-GB", null)]
    [InlineData("The committee meets on Tuesday, and nobody knows what they will talk about.", null, null)]
    [InlineData("hej", null, null)]
    [InlineData("@quien @donde https://www.zeit.de/politik/deutschland well, I agree with you", null, null)]
    [InlineData("\U0001f600 12345", null, null)]
    [InlineData("Ничего", null, "ru")]
    public void A_text_that_is_surely_in_another_language_is_not_scored(string text, string? declared, string? expected) =>
        Assert.Equal(expected, new ServedLanguages(["en"], Identifier).Unserved(text, declared));

    /// <summary>Of a script with one language the confidence is the script's share alone: unsure is not short.</summary>
    [Theory]
    [InlineData("המקום הזה יפה מאוד in summer too", "he")]
    [InlineData("今日はとてもいい天気ですね nice", "ja")]
    [InlineData("오늘 날씨가 정말 좋네요 nice day", "ko")]
    public void A_text_that_is_mostly_in_another_script_is_not_taken_for_English(string text, string expected)
    {
        Assert.True(Identifier.Identify(text, []).Confidence < 0.8);

        Assert.Equal(expected, new ServedLanguages(["en"], Identifier).Unserved(text, null));
    }

    [Theory]
    [InlineData("hej", new[] { "ja", "en" }, "en")]
    [InlineData("Ничего", new[] { "en", "ru" }, "ru")]
    [InlineData("今日はとてもいい天気ですね nice", new[] { "en", "ja" }, "ja")]
    [InlineData("hej", new[] { "hi-Latn" }, "hi-Latn")]
    public void A_text_too_short_to_be_sure_of_counts_as_a_served_language_of_its_script(string text, string[] served, string expected) =>
        Assert.Equal(expected, new ServedLanguages(served, Identifier).TakenFor(Identifier.Identify(text, []), text));

    [Theory]
    [InlineData(null)]
    [InlineData("de")]
    public void Any_asks_for_no_language(string? declared) => Assert.Null(new ServedLanguages(["Any"], Identifier).Unserved(German, declared));
}
