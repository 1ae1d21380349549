using System.Text.Json;
using Millrace.Inference.Tokenizers;

namespace Millrace.Inference.Tests.Tokenizers;

public sealed class HashedNgramTokenizerTests
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public void The_parts_of_a_text_begin_at_its_units_overlap_and_reach_its_end()
    {
        var tokenizer = new HashedNgramTokenizer(Options() with { MaxFeatures = 64 });
        string[] words = [.. Enumerable.Range(0, 40).Select(number => $"turn{(char)('a' + (number % 26))}{(char)('a' + (number / 26))}")];

        var parts = tokenizer.EncodeParts(string.Join(' ', words), int.MaxValue, 100, out bool truncated);

        Assert.False(truncated);
        List<int> starts = [.. parts.Select(part => Enumerable.Range(0, words.Length).First(word => Encode(tokenizer, words[word..]).SequenceEqual(part)))];
        Assert.Equal(0, starts[0]);
        // A word has 17 n-grams: two of them fill half a part.
        Assert.All(starts.Zip(starts.Skip(1)), pair => Assert.Equal(2, pair.Second - pair.First));
        tokenizer.Encode(string.Join(' ', words[starts[^1]..]), new int[64], out truncated);
        Assert.False(truncated);
        Assert.Equal(3, tokenizer.EncodeParts(string.Join(' ', words), int.MaxValue, 3, out truncated).Count);
        Assert.True(truncated);
        Assert.Single(tokenizer.EncodeParts("mill", int.MaxValue, 3, out truncated));
        Assert.False(truncated);
    }

    private static int[] Encode(HashedNgramTokenizer tokenizer, string[] words)
    {
        var ids = new int[64];
        return ids[..tokenizer.Encode(string.Join(' ', words), ids, out _)];
    }

    [Fact]
    public void Every_golden_text_gets_the_ids_that_the_training_side_gives_it()
    {
        var golden = JsonSerializer.Deserialize<Golden>(
            File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Tokenizers", "hashed-ngrams.golden.json")), Json)!;
        Assert.Equal(3, golden.Cases.Count);
        foreach (var (options, expected) in golden.Cases)
        {
            var tokenizer = new HashedNgramTokenizer(options);
            for (int i = 0; i < golden.Texts.Count; i++)
            {
                var text = new string([.. golden.Texts[i].Select(unit => (char)unit)]);
                var ids = new List<int>();
                tokenizer.Encode(text, ids, int.MaxValue, out bool truncated);
                Assert.True(expected[i].Ids.SequenceEqual(ids), $"text {i} '{text}': {string.Join(' ', expected[i].Ids.Zip(ids))}");
                Assert.Equal(expected[i].Truncated, truncated);
            }
        }
    }

    [Fact]
    public void Text_that_means_the_same_gets_the_same_ids()
    {
        var plain = Encode("cafe fuck hassle");
        Assert.Equal(plain, Encode("café fuck hassle"));
        Assert.Equal(plain, Encode("cafe\u0301 𝓯𝓾𝓬𝓴 hassle"));
        Assert.Equal(plain, Encode("cafe fu\u200Bck ha$$le"));
        Assert.NotEqual(plain, Encode("cafe duck hassle"));
    }

    [Fact]
    public void A_text_that_needs_more_ids_than_there_is_room_for_is_cut_and_told()
    {
        var tokenizer = new HashedNgramTokenizer(Options());
        Span<int> whole = new int[64];
        int count = tokenizer.Encode("the wheel turns", whole, out bool truncated);
        Assert.False(truncated);
        Span<int> part = new int[count - 1];
        Assert.Equal(count - 1, tokenizer.Encode("the wheel turns", part, out truncated));
        Assert.True(truncated);
        Assert.True(part.SequenceEqual(whole[..(count - 1)]));
    }

    [Fact]
    public void Every_id_is_inside_the_table_and_none_is_the_padding()
    {
        var options = Options() with { Words = new() { Min = 1, Max = 2, Buckets = 3 }, Chars = new() { Min = 1, Max = 5, Buckets = 2 } };
        var ids = new List<int>();
        new HashedNgramTokenizer(options).Encode("The mill wheel turns as long as the water runs.", ids, 1000, out _);
        Assert.Equal([1, 2, 3, 4, 5], ids.Distinct().Order());
        Assert.Equal(6, options.VocabularySize);
    }

    private static List<int> Encode(string text)
    {
        var ids = new List<int>();
        new HashedNgramTokenizer(Options()).Encode(text, ids, 1000, out _);
        return ids;
    }

    private static HashedNgramOptions Options() => new()
    {
        Type = "hashed-ngrams",
        Version = 1,
        MaxFeatures = 1000,
        Words = new() { Min = 1, Max = 2, Buckets = 1000 },
        Chars = new() { Min = 3, Max = 5, Buckets = 1000 },
        Capitals = true,
        Deobfuscate = true,
    };

    private sealed record Golden(IReadOnlyList<IReadOnlyList<int>> Texts, IReadOnlyList<GoldenCase> Cases);

    private sealed record GoldenCase(HashedNgramOptions Options, IReadOnlyList<GoldenText> Expected);

    private sealed record GoldenText(bool Truncated, IReadOnlyList<int> Ids);
}
