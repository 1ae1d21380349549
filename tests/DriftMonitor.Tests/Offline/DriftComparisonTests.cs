using Millrace.DriftMonitor.Offline;
using Millrace.DriftMonitor.Tests.Statistics;

namespace Millrace.DriftMonitor.Tests.Offline;

public sealed class DriftComparisonTests
{
    /// <summary>Files far apart in size: with more rows in a block of the larger one, such a comparison always found drift.</summary>
    [Theory]
    [InlineData(41_000, 2_000)]
    [InlineData(41_000, 200)]
    [InlineData(2_000, 41_000)]
    public void Large_files_of_different_sizes_drift_only_if_they_differ(int rows, int others)
    {
        var alarms = Enumerable.Range(1, 5).Count(seed => Compare(seed, shift: 0).Drift);
        var found = Compare(seed: 1, shift: 1);

        // Of five comparisons at 0.01 two would be found once in a thousand times.
        Assert.InRange(alarms, 0, 1);
        Assert.True(found.Drift);
        Assert.Equal((rows, others, "random features"), (found.RowsA, found.RowsB, found.Method));

        DriftReport Compare(int seed, float shift) => DriftComparison.Compare(
            Draws.Gaussian(rows, 2, 2 * seed), Draws.Gaussian(others, 2, 2 * seed + 1, shiftedShare: 1, shift), 0.01, 200, 32, seed, TestContext.Current.CancellationToken);
    }
}
