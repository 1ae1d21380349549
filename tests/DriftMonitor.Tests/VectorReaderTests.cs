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

        Assert.Equal(["embedding@abc", "scores@unknown"], vectors.Select(vector => vector.Detector));
        Assert.Equal([1f, 2f, 3f], vectors[0].Vector);
        Assert.Equal([0.25f, 0.5f], vectors[1].Vector);
        Assert.All(vectors, vector => Assert.Equal("at://x", vector.Post));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[1,\"2\"]")]
    [InlineData("\"no base64!\"")]
    [InlineData("\"AAA=\"")]
    [InlineData("[1e39]")]
    [InlineData("7")]
    public void What_is_no_vector_is_not_taken_for_one(string json)
    {
        using var document = JsonDocument.Parse(json);

        Assert.False(VectorReader.TryRead(document.RootElement, out _));
    }
}
