using System.Diagnostics;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Inference.Tokenizers;
using Millrace.Inference.Tokenizers.Files;
using Millrace.Testing;

namespace Millrace.Inference.Tests.Tokenizers;

public sealed class SubwordTokenizerTests
{
    private static readonly SubwordGolden Golden = SubwordGolden.Value;

    [Theory]
    [InlineData("bert-lower")]
    [InlineData("bert-cased")]
    [InlineData("byte-pair")]
    [InlineData("byte-pair-prefixed")]
    [InlineData("unigram-words")]
    [InlineData("unigram-first")]
    public void Every_sentence_gets_the_ids_of_the_reference(string name)
    {
        var tokenizer = Golden.Load(name);
        for (var i = 0; i < Golden.Sentences.Count; i++)
            AssertIds(Golden.Sentences[i], Golden.Tokenizers[name].Ids[i], tokenizer);
    }

    [Theory]
    [InlineData("bert-base-uncased")]
    [InlineData("bert-base-multilingual-cased")]
    [InlineData("roberta-base")]
    [InlineData("t5-small")]
    public void Every_sentence_gets_the_ids_that_a_published_tokenizer_gives_it(string name)
    {
        var path = SharedData.Find($"tokenizers/{name}.tokenizer.json");
        Assert.SkipWhen(path is null, "../shared/data/tokenizers is not here");
        var tokenizer = SubwordGolden.LoadFile(File.ReadAllText(path!));
        for (var i = 0; i < Golden.Sentences.Count; i++)
            AssertIds(Golden.Sentences[i], Golden.Published[$"{name}.tokenizer.json"][i], tokenizer);
    }

    [Fact]
    public void A_vocabulary_file_reads_as_its_tokenizer_file()
    {
        var vocabulary = JsonNode.Parse(Golden.Tokenizers["bert-lower"].File.GetRawText())!["model"]!["vocab"]!.AsObject();
        using var folder = new TemporaryFolder("vocabulary");
        File.WriteAllLines(Path.Combine(folder.Path, "vocab.txt"), vocabulary.OrderBy(entry => (int)entry.Value!).Select(entry => entry.Key));
        var tokenizer = TokenizerFolder.Load(folder.Path);
        for (var i = 0; i < Golden.Sentences.Count; i++)
            AssertIds(Golden.Sentences[i], Golden.Tokenizers["bert-lower"].Ids[i], tokenizer);
    }

    [Theory]
    [InlineData("bert-lower")]
    [InlineData("byte-pair")]
    [InlineData("unigram-words")]
    public void A_cut_text_keeps_its_special_tokens_and_the_part_that_was_asked_for(string name)
    {
        var tokenizer = Golden.Load(name);
        const string text = "the mill turns and the race and the wheel and the water";
        var whole = tokenizer.Encode(text, TokenLimit.None);
        var before = name == "unigram-words" ? 0 : 1;
        var inner = whole.Ids[before..^1];
        var limit = tokenizer.SpecialTokens + 5;
        var head = tokenizer.Encode(text, new TokenLimit(limit));
        var tail = tokenizer.Encode(text, new TokenLimit(limit, KeptPart.Tail));
        var both = tokenizer.Encode(text, new TokenLimit(limit, KeptPart.BothEnds));
        Assert.False(whole.Truncated);
        Assert.All([head, tail, both], cut => Assert.True(cut.Truncated && cut.Tokens == limit && cut.Ids[^1] == whole.Ids[^1]));
        Assert.Equal(inner[..5], head.Ids[before..^1]);
        Assert.Equal(inner[^5..], tail.Ids[before..^1]);
        Assert.Equal([.. inner[..3], .. inner[^2..]], both.Ids[before..^1]);
        Assert.Equal(whole.Ids, tokenizer.Encode(text, new TokenLimit(whole.Tokens)).Ids);
    }

    [Theory]
    [InlineData("bert-lower")]
    [InlineData("byte-pair")]
    [InlineData("byte-pair-prefixed")]
    [InlineData("unigram-words")]
    [InlineData("unigram-first")]
    public void Time_grows_with_the_length_and_not_with_its_square(string name)
    {
        var tokenizer = Golden.Load(name);
        string[] million =
        [
            new string('a', 1 << 20), new string(' ', 1 << 20), string.Concat(Enumerable.Repeat("mill race ", 100_000)),
            string.Concat(Enumerable.Repeat("ab", 1 << 19)), "e" + new string('\u0301', 1 << 20), string.Concat(Enumerable.Repeat("[CLS]<s>", 1 << 17)),
            string.Concat(Enumerable.Repeat("😀", 1 << 19)),
        ];
        var started = Stopwatch.GetTimestamp();
        Assert.All(million, text => Assert.True(tokenizer.Encode(text, new TokenLimit(512)).Tokens <= 512));
        // A step for every pair of characters would take hours.
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromMinutes(10));
    }

    [Theory]
    [InlineData("bert-lower")]
    [InlineData("byte-pair-prefixed")]
    [InlineData("unigram-first")]
    public void Lone_surrogates_read_as_replacement_characters(string name)
    {
        var tokenizer = Golden.Load(name);
        Assert.Equal(
            tokenizer.Encode("mill \ufffd race\ufffd \u302e", TokenLimit.None).Ids, tokenizer.Encode("mill \ud800 race\udc00 \u302e", TokenLimit.None).Ids);
    }

    [Fact]
    public void Ids_of_a_caller_get_special_tokens_and_must_be_in_the_vocabulary()
    {
        var tokenizer = Golden.Load("bert-lower");
        Assert.Equal([2, 7, 8, 3], tokenizer.Wrap([7, 8], TokenLimit.None).Ids);
        Assert.True(tokenizer.Wrap([7, 8, 9], new TokenLimit(4)).Truncated);
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Wrap([tokenizer.VocabularySize], TokenLimit.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => tokenizer.Wrap([-1], TokenLimit.None));
    }

    [Fact]
    public void Many_threads_share_a_tokenizer()
    {
        var tokenizer = Golden.Load("byte-pair");
        Parallel.For(0, 200, _ =>
        {
            for (var i = 0; i < Golden.Sentences.Count; i++)
                AssertIds(Golden.Sentences[i], Golden.Tokenizers["byte-pair"].Ids[i], tokenizer);
        });
    }

    [Theory]
    [InlineData("model", """{"type":"WordLevel","vocab":{}}""", "WordLevel")]
    [InlineData("normalizer", """{"type":"Nmt"}""", "Nmt")]
    [InlineData("pre_tokenizer", """{"type":"Digits"}""", "Digits")]
    [InlineData("post_processor", """{"type":"Odd"}""", "Odd")]
    public void What_cannot_be_done_exactly_is_refused_by_name(string member, string json, string named)
    {
        var file = JsonNode.Parse(Golden.Tokenizers["unigram-words"].File.GetRawText())!;
        file[member] = JsonNode.Parse(json);
        var error = Assert.Throws<ConfigurationException>(() => SubwordGolden.LoadFile(file.ToJsonString()));
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
        Assert.Contains(TokenizerFolder.TokenizerFile, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_a_tokenizer_says_what_to_put_there()
    {
        using var folder = new TemporaryFolder("empty");
        var error = Assert.Throws<ConfigurationException>(() => TokenizerFolder.Load(folder.Path));
        Assert.Contains("tokenizer.json", error.Message, StringComparison.Ordinal);
    }

    private static void AssertIds(string text, int[] expected, ITextTokenizer tokenizer)
    {
        var ids = tokenizer.Encode(text, TokenLimit.None).Ids;
        Assert.True(expected.SequenceEqual(ids), $"'{text}': wanted {string.Join(' ', expected)}, got {string.Join(' ', ids)}");
    }
}
