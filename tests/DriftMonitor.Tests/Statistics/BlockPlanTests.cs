using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Statistics;

public sealed class BlockPlanTests
{
    [Theory]
    [InlineData(2, 2, 1, 2, 2)]
    [InlineData(2_000, 1_000, 6, 333, 166)]
    [InlineData(1_000, 50, 3, 333, 16)]
    [InlineData(50, 1_000, 3, 16, 333)]
    [InlineData(1_000_000, 50, 3, 333, 16)]
    [InlineData(1_000_000, 1_000_000, 3_907, 255, 255)]
    public void Both_samples_have_blocks_of_the_same_rows_in_proportion_to_their_sizes(long first, long second, int rows, int firstBlocks, int secondBlocks)
    {
        var plan = BlockPlan.For(first, second);

        Assert.Equal(new BlockPlan(rows, firstBlocks, secondBlocks), plan);
        Assert.InRange(plan.First + plan.Second, 4, BlockPlan.MaxBlocks);
    }

    [Fact]
    public void A_single_row_is_no_sample() => Assert.Throws<ArgumentException>(() => BlockPlan.For(1_000, 1));

    [Fact]
    public void Of_a_larger_sample_rows_are_taken_evenly_spread()
    {
        var features = new RandomFeatures(1, 16, 1, 1);
        var samples = new Samples([0, 9, 1, 9, 2, 9, 3, 9], 1);
        var everySecond = new FeatureSums(features, 2);
        everySecond.Add([0f, 1, 2, 3]);

        var sums = FeatureSums.Of(features, samples, blocks: 2, rowsPerBlock: 2);

        Assert.Equal(4, sums.Count);
        Assert.Equal(everySecond.Mean(), sums.Mean());
    }
}
