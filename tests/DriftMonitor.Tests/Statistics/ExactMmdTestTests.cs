using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Statistics;

public sealed class ExactMmdTestTests
{
    [Theory]
    [InlineData(5, 7, 3)]
    [InlineData(300, 257, 17)]
    [InlineData(700, 64, 33)]
    public void Blocks_give_what_the_definition_gives(int n, int m, int dimensions)
    {
        var x = Draws.Gaussian(n, dimensions, 1);
        var y = Draws.Gaussian(m, dimensions, 2, shiftedShare: 1, shift: 0.7f);

        var result = ExactMmdTest.Run(x, y, permutations: 19, level: 0.05, seed: 3);

        Assert.Equal(ByDefinition(x, y, result.Bandwidth), result.Mmd2, 4);
    }

    [Fact]
    public void A_planted_shift_is_found_and_equal_distributions_are_not()
    {
        var reference = Draws.Gaussian(600, 16, 1);

        var drifted = ExactMmdTest.Run(reference, Draws.Gaussian(600, 16, 2, shiftedShare: 0.1, shift: 6), 199, 0.01, 5);
        var same = ExactMmdTest.Run(reference, Draws.Gaussian(600, 16, 4), 199, 0.01, 5);

        Assert.Equal(1 / 200.0, drifted.PValue);
        Assert.True(drifted.Mmd2 > drifted.Threshold);
        Assert.True(same.PValue > 0.01);
    }

    [Fact]
    public void The_p_value_is_never_zero_and_false_alarms_stay_within_the_level()
    {
        const int Trials = 500;
        var alarms = 0;
        for (var trial = 0; trial < Trials; trial++)
        {
            var result = ExactMmdTest.Run(Draws.Gaussian(40, 4, 2 * trial), Draws.Gaussian(40, 4, 2 * trial + 1), 99, 0.05, trial);
            Assert.True(result.PValue > 0);
            alarms += result.IsDrift(0.05) ? 1 : 0;
        }

        // 25 are expected; 40 is more than three standard deviations above.
        Assert.InRange(alarms, 8, 40);
    }

    [Fact]
    public void Samples_of_different_dimensions_are_refused()
    {
        Assert.Throws<ArgumentException>(() => ExactMmdTest.Run(Draws.Gaussian(5, 3, 1), Draws.Gaussian(5, 4, 1), 9, 0.1, 1));
    }

    private static double ByDefinition(Samples x, Samples y, double sigma)
    {
        var (within, others, across) = (0.0, 0.0, 0.0);
        for (var i = 0; i < x.Count; i++)
        {
            for (var j = 0; j < x.Count; j++)
                within += i == j ? 0 : Kernel(x.Row(i), x.Row(j), sigma);
            for (var j = 0; j < y.Count; j++)
                across += Kernel(x.Row(i), y.Row(j), sigma);
        }
        for (var i = 0; i < y.Count; i++)
        {
            for (var j = 0; j < y.Count; j++)
                others += i == j ? 0 : Kernel(y.Row(i), y.Row(j), sigma);
        }
        double n = x.Count, m = y.Count;
        return within / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m);
    }

    private static double Kernel(ReadOnlySpan<float> a, ReadOnlySpan<float> b, double sigma)
    {
        var distance = 0.0;
        for (var i = 0; i < a.Length; i++)
            distance += (a[i] - b[i]) * (double)(a[i] - b[i]);
        return Math.Exp(-distance / (2 * sigma * sigma));
    }
}
