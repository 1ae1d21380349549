namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// The test in linear time: the distance of two mean feature vectors, its null distribution from permuting blocks of rows between
/// the samples. Blocks of equally many exchangeable rows are exchangeable, so the p-value is as valid as one from permuting rows.
/// </summary>
public static class FeatureMmdTest
{
    public const string Method = "random features";

    /// <summary>How far apart the mean numbers of rows in a block may be: sums that were merged from parts need not be even to the row.</summary>
    private const double MaxUnevenness = 0.1;

    /// <param name="x">One sample, cut by a <see cref="BlockPlan"/> for both.</param>
    /// <param name="permutations">At least 1/level - 1, or no result can be significant.</param>
    /// <exception cref="ArgumentException">A sample has fewer than two blocks, or the rows in a block of one are not those of the other.</exception>
    public static MmdResult Run(FeatureSums x, FeatureSums y, double bandwidth, int permutations, double level, int seed)
    {
        // The distance is the same from either side, and the side with fewer blocks is summed up sooner.
        var (fewer, more) = x.FilledBlocks.Count() <= y.FilledBlocks.Count() ? (x, y) : (y, x);
        (double[] Sum, long Count)[] blocks = [.. fewer.FilledBlocks, .. more.FilledBlocks];
        var first = fewer.FilledBlocks.Count();
        Check(first, blocks.Length - first, fewer.Count, more.Count);
        var total = Total(blocks);
        var random = new Random(seed);
        var observed = Distance(blocks.AsSpan(0, first), total);
        var permuted = new double[permutations];
        for (var i = 0; i < permutations; i++)
        {
            random.Shuffle(blocks);
            permuted[i] = Distance(blocks.AsSpan(0, first), total);
        }
        return MmdResult.From(observed, permuted, level, bandwidth, Method);
    }

    private static void Check(int fewer, int more, double fewerRows, double moreRows)
    {
        if (fewer < 2)
            throw new ArgumentException("Each sample needs at least two blocks of rows.");
        if (Math.Abs(fewerRows / fewer / (moreRows / more) - 1) > MaxUnevenness)
            throw new ArgumentException(
                $"Blocks of {fewerRows / fewer:0.#} and of {moreRows / more:0.#} rows cannot change places; cut both samples by one BlockPlan.");
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
