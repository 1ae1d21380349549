namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// The unbiased MMD² over every pair, and its permutation test, in blocks: the kernel matrix is never held. A block of the kernel
/// is multiplied at once by the memberships of all permutations, so that they cost a fraction of the kernel itself.
/// Time grows with the square of the rows; meant for up to some tens of thousands.
/// </summary>
public static class ExactMmdTest
{
    public const string Method = "exact";

    /// <param name="permutations">At least 1/level - 1, or no result can be significant.</param>
    /// <param name="level">The false-alarm rate that the threshold is for, such as 0.01.</param>
    /// <param name="seed">The same seed gives the same p-value.</param>
    /// <exception cref="ArgumentException">A sample has fewer than two rows, or the dimensions differ.</exception>
    public static MmdResult Run(Samples x, Samples y, int permutations, double level, int seed, CancellationToken cancellationToken = default) =>
        Run(x, y, Bandwidth.Median(x, y), permutations, level, seed, cancellationToken);

    /// <param name="bandwidth">Sigma of the kernel; the same for all tests whose statistics are to be compared.</param>
    /// <inheritdoc cref="Run(Samples, Samples, int, double, int, CancellationToken)"/>
    public static MmdResult Run(
        Samples x, Samples y, double bandwidth, int permutations, double level, int seed, CancellationToken cancellationToken = default)
    {
        if (x.Count < 2 || y.Count < 2)
            throw new ArgumentException("Each sample needs at least two rows.");
        var all = x.Concat(y);
        var members = Memberships.Draw(x.Count, all.Count, permutations, seed);
        var sums = new PairSums(all, members, bandwidth, cancellationToken);
        var statistics = Enumerable.Range(Memberships.Observed, permutations + 1).Select(column => Unbiased(sums, column, x.Count, y.Count)).ToArray();
        return MmdResult.From(statistics[0], statistics[1..], level, bandwidth, Method);
    }

    private static double Unbiased(PairSums sums, int column, double n, double m)
    {
        var within = sums.Within[column];
        var across = sums.WithAnyone[column] - within;
        var others = sums.Within[Memberships.Everyone] - within - 2 * across;
        return within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m);
    }
}
