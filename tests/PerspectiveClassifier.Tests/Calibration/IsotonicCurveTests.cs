using Millrace.PerspectiveClassifier.Calibration;

namespace Millrace.PerspectiveClassifier.Tests.Calibration;

public sealed class IsotonicCurveTests
{
    [Fact]
    public void Violators_are_pooled_into_their_mean()
    {
        var curve = IsotonicCurve.Fit([new(0.1, 0.0), new(0.2, 0.6), new(0.3, 0.2), new(0.9, 1.0)]);

        Assert.Equal(0, curve.Apply(0.1));
        Assert.Equal(0.4, curve.Apply(0.25), 6);
        Assert.Equal(1, curve.Apply(0.95));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_known_distortion_is_undone_and_the_curve_never_falls(int seed)
    {
        var random = new Random(seed);
        var pairs = Enumerable.Range(0, 5_000)
            .Select(_ => random.NextDouble())
            .Select(truth => new ScorePair(Math.Sqrt(truth), Math.Clamp(truth + ((random.NextDouble() - 0.5) * 0.1), 0, 1)))
            .ToList();

        var curve = IsotonicCurve.Fit(pairs);

        Assert.All(Enumerable.Range(1, 19), step => Assert.Equal(step / 20.0, curve.Apply(Math.Sqrt(step / 20.0)), 0.03));
        Assert.All(curve.Knots.Zip(curve.Knots.Skip(1)), pair => Assert.True(pair.First[0] < pair.Second[0] && pair.First[1] <= pair.Second[1]));
        Assert.InRange(curve.Knots.Count, 10, 201);
    }

    [Fact]
    public void A_curve_that_falls_or_leaves_0_to_1_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new IsotonicCurve([]));
        Assert.Throws<ArgumentException>(() => new IsotonicCurve([[0.1, 0.5], [0.2, 0.4]]));
        Assert.Throws<ArgumentException>(() => new IsotonicCurve([[0.1, 1.5]]));
        Assert.Throws<ArgumentException>(() => new IsotonicCurve([[0.1]]));
    }
}
