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

    [Fact]
    public void False_alarms_stay_within_the_level_over_500_draws()
    {
        var alarms = Enumerable.Range(0, 500).Count(trial =>
            Linear(Draws.Gaussian(200, 4, 2 * trial), Draws.Gaussian(200, 4, 2 * trial + 1), 2, trial).IsDrift(0.05));

        Assert.InRange(alarms, 8, 40);
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

    private static MmdResult Linear(Samples x, Samples y, double bandwidth, int seed)
    {
        var features = new RandomFeatures(x.Dimensions, 256, bandwidth, seed);
        var (left, right) = (new FeatureSums(features, 128), new FeatureSums(features, 128));
        left.Add(x.Rows(0, x.Count));
        right.Add(y.Rows(0, y.Count));
        return FeatureMmdTest.Run(left, right, bandwidth, 99, 0.05, seed);
    }
}
