using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Millrace.Inference.Sessions;

/// <summary>Copies a model's output into memory of our own, as single precision.</summary>
internal static class OutputReader
{
    /// <exception cref="InvalidDataException">The output is not [rows, columns] or [rows, positions, columns] of floats.</exception>
    public static ModelOutput Read(OrtValue output, int rows, string name)
    {
        var type = output.GetTensorTypeAndShape();
        var shape = type.Shape;
        if (shape.Length is not (2 or 3) || shape[0] != rows)
            throw new InvalidDataException(
                $"output '{name}' has the shape [{string.Join(", ", shape)}] for {rows} texts; [{rows}, columns] or [{rows}, tokens, columns] is read");
        var values = type.ElementDataType switch
        {
            TensorElementType.Float => output.GetTensorDataAsSpan<float>().ToArray(),
            TensorElementType.Float16 => ToSingle(MemoryMarshal.Cast<Float16, Half>(output.GetTensorDataAsSpan<Float16>())),
            var other => throw new InvalidDataException($"output '{name}' is of {other}; float and float16 are read"),
        };
        return new ModelOutput(values, rows, shape.Length == 3 ? (int)shape[1] : 1, (int)shape[^1]);
    }

    private static float[] ToSingle(ReadOnlySpan<Half> halves)
    {
        var values = new float[halves.Length];
        TensorPrimitives.ConvertToSingle(halves, values);
        return values;
    }
}
