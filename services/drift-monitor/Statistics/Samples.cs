namespace Millrace.DriftMonitor.Statistics;

/// <summary>Vectors of one length, row after row.</summary>
public sealed class Samples
{
    private readonly float[] _values;

    /// <param name="values">Rows of <paramref name="dimensions"/> floats; the length must be a whole number of rows.</param>
    public Samples(float[] values, int dimensions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        if (values.Length % dimensions != 0)
            throw new ArgumentException($"{values.Length} values are no whole number of rows of {dimensions}.", nameof(values));
        _values = values;
        Dimensions = dimensions;
    }

    public int Dimensions { get; }

    public int Count => _values.Length / Dimensions;

    public ReadOnlySpan<float> Row(int index) => _values.AsSpan(index * Dimensions, Dimensions);

    public ReadOnlySpan<float> Rows(int from, int count) => _values.AsSpan(from * Dimensions, count * Dimensions);

    /// <summary>These rows, then those of <paramref name="other"/>.</summary>
    /// <exception cref="ArgumentException">The lengths of the vectors differ.</exception>
    public Samples Concat(Samples other) => other.Dimensions == Dimensions
        ? new Samples([.. _values, .. other._values], Dimensions)
        : throw new ArgumentException($"Vectors of {Dimensions} and of {other.Dimensions} dimensions cannot be compared.", nameof(other));
}
