using System.Numerics.Tensors;

namespace Millrace.Inference.Models;

/// <summary>Which token vectors make the text's vector.</summary>
public enum Pooling
{
    Mean,
    Cls,
    LastToken,
}

internal static class Pools
{
    /// <param name="pooling">How.</param>
    /// <param name="values">Positions x columns, row-major; padding at the end.</param>
    /// <param name="tokens">Positions that are not padding; none gives zeros.</param>
    /// <param name="columns">Values at each position.</param>
    public static float[] Pool(Pooling pooling, ReadOnlySpan<float> values, int tokens, int columns)
    {
        var vector = new float[columns];
        if (tokens == 0)
            return vector;
        if (pooling != Pooling.Mean)
        {
            values.Slice(pooling == Pooling.Cls ? 0 : (tokens - 1) * columns, columns).CopyTo(vector);
            return vector;
        }
        for (var token = 0; token < tokens; token++)
            TensorPrimitives.Add(vector, values.Slice(token * columns, columns), vector);
        TensorPrimitives.Divide(vector, tokens, vector);
        return vector;
    }

    /// <summary>Scales to length 1; zeros stay zeros.</summary>
    public static void Normalize(Span<float> vector)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, vector);
    }
}
