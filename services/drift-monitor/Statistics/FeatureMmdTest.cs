namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// The test in linear time: the distance of two mean feature vectors, its null distribution from permuting blocks of rows between
/// the samples. Blocks of exchangeable rows are exchangeable, so the p-value is as valid as one from permuting rows.
/// </summary>
public static class FeatureMmdTest
{
    public static MmdResult Run(FeatureSums x, FeatureSums y, double bandwidth, int permutations, double level, int seed)
    {
        (double[] Sum, long Count)[] blocks = [.. x.FilledBlocks, .. y.FilledBlocks];
        var first = x.FilledBlocks.Count();
        if (first < 2 || blocks.Length - first < 2)
            throw new ArgumentException("Each sample needs at least two rows.");
        var total = Total(blocks);
        var random = new Random(seed);
        var observed = Distance(blocks.AsSpan(0, first), total);
        var permuted = new double[permutations];
        for (var i = 0; i < permutations; i++)
        {
            random.Shuffle(blocks);
            permuted[i] = Distance(blocks.AsSpan(0, first), total);
        }
        return MmdResult.From(observed, permuted, level, bandwidth, "random features");
    }

    private static (double[] Sum, long Count) Total(ReadOnlySpan<(double[] Sum, long Count)> blocks)
    {
        var sum = new double[blocks[0].Sum.Length];
        var count = 0L;
        foreach (var block in blocks)
        {
            System.Numerics.Tensors.TensorPrimitives.Add(sum, block.Sum, sum);
            count += block.Count;
        }
        return (sum, count);
    }

    private static double Distance(ReadOnlySpan<(double[] Sum, long Count)> first, (double[] Sum, long Count) total)
    {
        var (sum, count) = Total(first);
        var others = total.Count - count;
        var distance = 0.0;
        for (var i = 0; i < sum.Length; i++)
        {
            var difference = sum[i] / count - (total.Sum[i] - sum[i]) / others;
            distance += difference * difference;
        }
        return distance / (sum.Length / 2.0);
    }
}
