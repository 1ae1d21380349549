using System.Buffers.Binary;

namespace Millrace.GpuEmbedding;

/// <summary>A vector as it travels.</summary>
internal static class VectorText
{
    public static object Write(float[] values, VectorFormat format) => format == VectorFormat.Base64 ? ToBase64(values) : values;

    public static string ToBase64(ReadOnlySpan<float> values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        return Convert.ToBase64String(bytes);
    }
}
