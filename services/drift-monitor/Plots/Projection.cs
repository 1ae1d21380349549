using System.Numerics.Tensors;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Plots;

/// <summary>The two directions in which both windows together vary most, found by power iteration.</summary>
internal static class Projection
{
    private const int Iterations = 60;

    public static (double X, double Y)[] Of(Samples samples)
    {
        var mean = Mean(samples);
        var centred = Enumerable.Range(0, samples.Count).Select(row => Subtract(samples.Row(row), mean)).ToArray();
        var first = Direction(centred, null);
        var second = Direction(centred, first);
        return [.. centred.Select(row => ((double)TensorPrimitives.Dot<float>(row, first), (double)TensorPrimitives.Dot<float>(row, second)))];
    }

    private static float[] Direction(float[][] rows, float[]? orthogonalTo)
    {
        var direction = new float[rows[0].Length];
        for (var i = 0; i < direction.Length; i++)
            direction[i] = 1f + i % 7;
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            if (orthogonalTo is not null)
                AddScaled(direction, orthogonalTo, -TensorPrimitives.Dot<float>(direction, orthogonalTo));
            var next = new float[direction.Length];
            foreach (var row in rows)
                AddScaled(next, row, TensorPrimitives.Dot<float>(row, direction));
            var norm = TensorPrimitives.Norm<float>(next);
            if (norm == 0)
                break;
            TensorPrimitives.Divide(next, norm, direction);
        }
        return direction;
    }

    private static void AddScaled(float[] target, float[] row, float scale) => TensorPrimitives.MultiplyAdd(row, scale, target, target);

    private static float[] Mean(Samples samples)
    {
        var mean = new float[samples.Dimensions];
        for (var row = 0; row < samples.Count; row++)
            TensorPrimitives.Add(mean, samples.Row(row), mean);
        TensorPrimitives.Divide(mean, samples.Count, mean);
        return mean;
    }

    private static float[] Subtract(ReadOnlySpan<float> row, float[] mean)
    {
        var centred = new float[mean.Length];
        TensorPrimitives.Subtract(row, mean, centred);
        return centred;
    }
}
