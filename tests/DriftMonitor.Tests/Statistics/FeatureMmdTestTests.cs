using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Statistics;

public sealed class FeatureMmdTestTests
{
    [Fact]
    public void Features_estimate_the_kernel()
    {
        var samples = Draws.Gaussian(20, 8, 1);
        var features = new RandomFeatures(8, 4096, bandwidth: 2, seed: 7);

        for (var i = 1; i < samples.Count; i++)
        {
            var (a, b) = (features.Of(samples.Row(0)), features.Of(samples.Row(i)));
            var distance = System.Numerics.Tensors.TensorPrimitives.Distance(samples.Row(0), samples.Row(i));
            Assert.Equal(Math.Exp(-distance * distance / 8), System.Numerics.Tensors.TensorPrimitives.Dot<float>(a, b), 0.06);
        }
    }

    [Fact]
    public void It_agrees_with_the_exact_test_about_a_shift()
    {
        var x = Draws.Gaussian(2000, 16, 1);
        var y = Draws.Gaussian(2000, 16, 2, shiftedShare: 0.1, shift: 5);
        var exact = ExactMmdTest.Run(x, y, 99, 0.01, 1);

        var linear = Linear(x, y, exact.Bandwidth, seed: 1);

        Assert.Equal(exact.PValue, linear.PValue);
        Assert.Equal(exact.Mmd2, linear.Mmd2, 0.002);
    }

    /// <summary>At the level 0.05 of 500 draws 25 are expected; 8 and 42 are three and a half standard deviations (4.87) away.</summary>
    [Theory]
    [InlineData(200, 200)]
    [InlineData(2_000, 1_000)]
    [InlineData(1_000, 50)]
    [InlineData(3_000, 50)]
    public void False_alarms_stay_within_the_level_over_500_draws(int rows, int others)
    {
        var alarms = ParallelEnumerable.Range(0, 500).Count(trial =>
            Linear(Draws.Gaussian(rows, 2, 2 * trial), Draws.Gaussian(others, 2, 2 * trial + 1), 1.5, trial, frequencies: 16).IsDrift(0.05));

        Assert.InRange(alarms, 8, 42);
    }

    /// <summary>Row by row the exact test finds such a shift in about nine of ten draws; blocks must not lose that.</summary>
    [Theory]
    [InlineData(2_000, 1_000, 0.2f)]
    [InlineData(1_000, 50, 0.75f)]
    [InlineData(3_000, 50, 0.75f)]
    public void A_planted_shift_is_found_whatever_the_sizes(int rows, int others, float shift)
    {
        var found = ParallelEnumerable.Range(0, 100).Count(trial => Linear(
            Draws.Gaussian(rows, 2, 2 * trial), Draws.Gaussian(others, 2, 2 * trial + 1, shiftedShare: 1, shift), 1.5, trial, frequencies: 64).IsDrift(0.05));

        Assert.InRange(found, 80, 100);
    }

    [Fact]
    public void Blocks_of_different_sizes_are_refused()
    {
        var features = new RandomFeatures(2, 16, 1.5, 1);
        var (x, y) = (new FeatureSums(features, 128), new FeatureSums(features, 128));
        x.Add(Draws.Gaussian(2_000, 2, 1).Rows(0, 2_000));
        y.Add(Draws.Gaussian(1_000, 2, 2).Rows(0, 1_000));

        var error = Assert.Throws<ArgumentException>(() => FeatureMmdTest.Run(x, y, 1.5, 99, 0.05, 1));

        Assert.Contains("BlockPlan", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sums_over_parts_merge_to_the_sum_over_the_whole()
    {
        var samples = Draws.Gaussian(501, 6, 3);
        var features = new RandomFeatures(6, 32, 1.5, 1);
        var whole = new FeatureSums(features, 16);
        whole.Add(samples.Rows(0, 501));
        var (left, right) = (new FeatureSums(features, 16), new FeatureSums(features, 16));
        left.Add(samples.Rows(0, 300));
        right.Add(samples.Rows(300, 201));

        left.Merge(right);

        Assert.Equal(whole.Count, left.Count);
        Assert.All(whole.Mean().Zip(left.Mean()), pair => Assert.Equal(pair.First, pair.Second, 5));
    }

    private static MmdResult Linear(Samples x, Samples y, double bandwidth, int seed, int frequencies = 256)
    {
        var features = new RandomFeatures(x.Dimensions, frequencies, bandwidth, seed);
        var plan = BlockPlan.For(x.Count, y.Count);
        return FeatureMmdTest.Run(
            FeatureSums.Of(features, x, plan.First, plan.RowsPerBlock), FeatureSums.Of(features, y, plan.Second, plan.RowsPerBlock), bandwidth, 99, 0.05, seed);
    }
}
