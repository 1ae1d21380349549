using Millrace.Contracts;
using Millrace.Inference.Tokenizers;

namespace Millrace.Inference.Tests.Tokenizers;

public sealed class HashedNgramOptionsTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void A_file_is_read_with_all_it_says()
    {
        File.WriteAllText(_path, """
            { "type": "hashed-ngrams", "version": 1, "maxFeatures": 512,
              "words": { "min": 1, "max": 2, "buckets": 100, "skips": true },
              "chars": { "min": 3, "max": 5, "buckets": 200 }, "capitals": true, "deobfuscate": false }
            """);
        var options = HashedNgramOptions.Load(_path);
        Assert.Equal(301, options.VocabularySize);
        Assert.True(options.Words.Skips);
        Assert.True(options.Capitals);
        Assert.False(options.Deobfuscate);
    }

    [Fact]
    public void Every_impossible_setting_is_named_at_once()
    {
        File.WriteAllText(_path, """
            { "type": "word-piece", "version": 2, "maxFeatures": 0,
              "words": { "min": 2, "max": 1, "buckets": 100 }, "chars": { "min": 3, "max": 5, "buckets": 0 } }
            """);
        var problems = Assert.Throws<ConfigurationException>(() => HashedNgramOptions.Load(_path)).Problems;
        Assert.Equal(5, problems.Count);
        Assert.All(problems, problem => Assert.StartsWith(_path, problem));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{ "type": "hashed-ngrams", "unknown": 1 }""")]
    public void A_file_that_is_no_such_options_is_refused(string content)
    {
        File.WriteAllText(_path, content);
        Assert.Throws<ConfigurationException>(() => HashedNgramOptions.Load(_path));
    }
}
