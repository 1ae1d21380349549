using System.Runtime.InteropServices;
using System.Text.Json;
using Millrace.DriftMonitor.Sources;

namespace Millrace.DriftMonitor.Tests;

public sealed class VectorReaderTests
{
    private static readonly DriftOptions Options = new();

    [Fact]
    public void Embeddings_and_scores_are_found_with_their_revision_and_key()
    {
        var base64 = Convert.ToBase64String(MemoryMarshal.AsBytes<float>(new float[] { 1, 2, 3 }));
        using var view = JsonDocument.Parse(
            """{"id":"i","key":"at://x","result":{"embedding":"BASE64","modelRevision":"abc","scores":{"TOXICITY":0.5,"INSULT":0.25}}}"""
                .Replace("BASE64", base64, StringComparison.Ordinal));

        var vectors = VectorReader.Read(view.RootElement, Options.Sources).ToArray();

        Assert.Equal(["embedding@abc", "scores.TOXICITY@unknown", "scores.INSULT@unknown"], vectors.Select(vector => vector.Detector));
        Assert.Equal([[1f, 2f, 3f], [0.5f], [0.25f]], vectors.Select(vector => vector.Vector));
        Assert.Equal(["embedding", "scores", "scores"], vectors.Select(vector => vector.Source));
        Assert.All(vectors, vector => Assert.Equal("at://x", vector.Post));
    }

    [Fact]
    public void A_score_that_is_missing_or_null_is_nothing_and_leaves_the_others()
    {
        using var view = JsonDocument.Parse("""{"id":"i","result":{"scores":{"TOXICITY":null,"INSULT":0.25},"model_revision":"r/1"}}""");

        var vector = Assert.Single(VectorReader.Read(view.RootElement, Options.Sources));

        Assert.Equal(("scores.INSULT@r/1", "i"), (vector.Detector, vector.Post));
    }

    [Theory]
    [InlineData("""{"embedding":"no base64!"}""", "embedding@unknown")]
    [InlineData("""{"embedding":[]}""", "embedding@unknown")]
    [InlineData("""{"scores":{"TOXICITY":"high"}}""", "scores.TOXICITY@unknown")]
    [InlineData("""{"scores":{"TOXICITY":{"value":1}}}""", "scores.TOXICITY@unknown")]
    public void What_stands_there_and_cannot_be_read_is_told(string result, string detector)
    {
        using var view = JsonDocument.Parse($$"""{"key":"k","result":{{result}}}""");

        var vector = Assert.Single(VectorReader.Read(view.RootElement, Options.Sources));

        Assert.Equal((detector, null), (vector.Detector, vector.Vector));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"result":null}""")]
    [InlineData("""{"result":{"other":1,"scores":null}}""")]
    [InlineData("""{"result":{"scores":{}}}""")]
    public void Where_nothing_stands_there_is_nothing(string json)
    {
        using var view = JsonDocument.Parse(json);

        Assert.Empty(VectorReader.Read(view.RootElement, Options.Sources));
    }

    [Fact]
    public void A_number_is_a_vector_of_one_dimension()
    {
        using var document = JsonDocument.Parse("0.5");

        Assert.True(VectorReader.TryRead(document.RootElement, out var vector));
        Assert.Equal([0.5f], vector);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1,\"2\"]")]
    [InlineData("\"no base64!\"")]
    [InlineData("\"AAA=\"")]
    [InlineData("[1e39]")]
    [InlineData("true")]
    public void What_is_no_vector_is_not_taken_for_one(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.False(VectorReader.TryRead(document.RootElement, out _));
    }
}
