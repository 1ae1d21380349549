using System.Numerics.Tensors;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>The median heuristic: sigma² is half the median squared distance between rows of both samples.</summary>
public static class Bandwidth
{
    private const int MaxRows = 1_000;

    /// <summary>From evenly spread rows of both samples, at most a thousand, so that it costs the same whatever their size.</summary>
    /// <returns>Sigma; 1 if all rows are equal.</returns>
    public static double Median(Samples x, Samples y) => Median([.. Spread(x, MaxRows / 2), .. Spread(y, MaxRows / 2)]);

    /// <summary>From evenly spread rows of one sample, at most five hundred.</summary>
    /// <returns>Sigma; 1 if all rows are equal.</returns>
    public static double Median(Samples x) => Median([.. Spread(x, MaxRows / 2)]);

    private static double Median(float[][] rows)
    {
        var distances = new List<float>(rows.Length * rows.Length / 2);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = 0; j < i; j++)
                distances.Add(SquaredDistance(rows[i], rows[j]));
        }
        distances.Sort();
        var median = distances.Count == 0 ? 0 : distances[distances.Count / 2];
        return median > 0 ? Math.Sqrt(median / 2) : 1;
    }

    private static IEnumerable<float[]> Spread(Samples samples, int most)
    {
        var count = Math.Min(most, samples.Count);
        return Enumerable.Range(0, count).Select(i => samples.Row((int)((long)i * samples.Count / count)).ToArray());
    }

    private static float SquaredDistance(float[] a, float[] b)
    {
        var distance = TensorPrimitives.Distance<float>(a, b);
        return distance * distance;
    }
}
