using System.Numerics.Tensors;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// Random Fourier features of the RBF kernel (Rahimi and Recht, NIPS 2007): the dot product of two rows' features tends to their
/// kernel, so a sample is summed up by the mean of its features and MMD² is the squared distance of two means.
/// </summary>
public sealed class RandomFeatures
{
    private readonly Panels _frequencies;

    /// <param name="count">Frequencies; each gives a cosine and a sine. The error of MMD² falls with its square root.</param>
    public RandomFeatures(int dimensions, int count, double bandwidth, int seed)
    {
        Dimensions = dimensions;
        Count = count;
        Bandwidth = bandwidth;
        Seed = seed;
        var random = new Random(seed);
        var frequencies = new float[dimensions * count];
        for (var i = 0; i < frequencies.Length; i++)
            frequencies[i] = (float)(Normal(random) / bandwidth);
        _frequencies = Panels.OfColumns(frequencies, count);
    }

    public int Dimensions { get; }

    public int Count { get; }

    public double Bandwidth { get; }

    public int Seed { get; }

    /// <summary>Length of a row's features: a cosine and a sine for each frequency.</summary>
    public int Length => 2 * Count;

    /// <summary>Adds the features of some rows to the sums that <paramref name="sumOf"/> names for each row's position.</summary>
    /// <param name="rows">Whole rows of <see cref="Dimensions"/> floats.</param>
    internal void Accumulate(ReadOnlySpan<float> rows, Func<int, Memory<double>> sumOf)
    {
        var angles = new float[Math.Min(Panels.BlockRows, rows.Length / Dimensions) * _frequencies.Stride];
        var waves = new float[Count];
        for (var from = 0; from < rows.Length / Dimensions; from += Panels.BlockRows)
        {
            var count = Math.Min(Panels.BlockRows, rows.Length / Dimensions - from);
            Array.Clear(angles);
            _frequencies.MultiplyAdd(rows.Slice(from * Dimensions, count * Dimensions), Dimensions, count, angles);
            for (var row = 0; row < count; row++)
                AddWaves(angles.AsSpan(row * _frequencies.Stride, Count), waves, sumOf(from + row).Span);
        }
    }

    /// <summary>The features of one row, scaled so that their dot products estimate the kernel.</summary>
    public float[] Of(ReadOnlySpan<float> row)
    {
        var sum = new double[Length];
        Accumulate(row, _ => sum);
        var scale = 1 / Math.Sqrt(Count);
        return [.. sum.Select(value => (float)(value * scale))];
    }

    private void AddWaves(ReadOnlySpan<float> angles, Span<float> waves, Span<double> sum)
    {
        TensorPrimitives.Cos(angles, waves);
        for (var i = 0; i < Count; i++)
            sum[i] += waves[i];
        TensorPrimitives.Sin(angles, waves);
        for (var i = 0; i < Count; i++)
            sum[Count + i] += waves[i];
    }

    /// <summary>Box and Muller, 1958.</summary>
    internal static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
