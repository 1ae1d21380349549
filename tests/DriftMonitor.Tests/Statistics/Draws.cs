using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Statistics;

/// <summary>Seeded Gaussian samples; a share of the rows may be moved along the first axis.</summary>
internal static class Draws
{
    public static Samples Gaussian(int rows, int dimensions, int seed, double shiftedShare = 0, float shift = 0)
    {
        var random = new Random(seed);
        var values = new float[rows * dimensions];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)RandomFeatures.Normal(random);
        for (var row = 0; row < rows * shiftedShare; row++)
            values[row * dimensions] += shift;
        return new Samples(values, dimensions);
    }
}
