using System.Numerics.Tensors;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Inference.Models;

namespace Millrace.Inference.Tests.Models;

public sealed class BundledEmbedderLikenessTests
{
    private const double Promised = 0.66;

    private static readonly string[] Sets =
        ["2012-MSRpar", "2012-OnWN", "2013-headlines", "2014-deft-forum", "2014-images", "2015-headlines"];

    private sealed record Pair(string A, string B, double Score);

    [Fact]
    public async Task Its_cosines_rank_pairs_as_people_do()
    {
        var paths = Sets.Select(name => SharedData.Find($"similarity/{name}.jsonl")).ToList();
        Assert.SkipWhen(paths.Contains(null), "the STS sets are not beside the repository (../shared/data/similarity)");
        await using var model = await TextEmbedderModel.LoadAsync(
            BundledEmbedderTests.Folder, new InferenceOptions { Device = DeviceKind.Cpu }, TimeProvider.System,
            NullLoggerFactory.Instance, TestContext.Current.CancellationToken);

        var correlations = new List<double>();
        foreach (var path in paths)
            correlations.Add(await SpearmanAsync(model, path!));

        Assert.True(correlations.Average() >= Promised, $"{correlations.Average()}: {string.Join(", ", correlations)}");
    }

    private static async Task<double> SpearmanAsync(TextEmbedderModel model, string path)
    {
        var pairs = File.ReadLines(path).Select(line => JsonSerializer.Deserialize<Pair>(line, JsonSerializerOptions.Web)!).ToList();
        var cosines = new List<double>();
        foreach (var chunk in pairs.Chunk(64))
        {
            cosines.AddRange(await Task.WhenAll(chunk.Select(pair => CosineAsync(model, pair))));
        }

        return Correlation(Ranks(cosines), Ranks([.. pairs.Select(pair => pair.Score)]));
    }

    private static async Task<double> CosineAsync(TextEmbedderModel model, Pair pair)
    {
        var first = await model.EmbedAsync(pair.A, new EmbedOptions(), TestContext.Current.CancellationToken);
        var second = await model.EmbedAsync(pair.B, new EmbedOptions(), TestContext.Current.CancellationToken);
        return TensorPrimitives.Dot<float>(first.Values, second.Values);
    }

    /// <summary>Equal values share the mean of their ranks.</summary>
    private static double[] Ranks(List<double> values)
    {
        var ranks = new double[values.Count];
        var start = 0;
        foreach (var tied in values.Index().GroupBy(entry => entry.Item, entry => entry.Index).OrderBy(group => group.Key))
        {
            var count = tied.Count();
            foreach (var index in tied)
                ranks[index] = start + ((count - 1) / 2.0);
            start += count;
        }

        return ranks;
    }

    private static double Correlation(double[] first, double[] second)
    {
        TensorPrimitives.Subtract<double>(first, first.Average(), first);
        TensorPrimitives.Subtract<double>(second, second.Average(), second);
        return TensorPrimitives.CosineSimilarity<double>(first, second);
    }
}
