using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// The right side of a matrix product, packed so that <see cref="Width"/> neighbouring columns lie together for each inner index:
/// one step of the inner loop then reads two vectors and feeds sixteen multiply-adds.
/// </summary>
internal sealed class Panels
{
    public const int Width = 32;

    private const int TileRows = 8;

    private readonly float[] _packed;

    private Panels(int inner, int columns)
    {
        Inner = inner;
        Columns = columns;
        Count = (columns + Width - 1) / Width;
        _packed = new float[Count * inner * Width];
    }

    public int Inner { get; }

    public int Columns { get; }

    /// <summary>Columns rounded up to whole panels: the row length of the product.</summary>
    public int Stride => Count * Width;

    private int Count { get; }

    /// <summary>Packs the transpose: row j of <paramref name="rows"/> becomes column j.</summary>
    public static Panels OfRows(ReadOnlySpan<float> rows, int inner)
    {
        var panels = new Panels(inner, rows.Length / inner);
        for (var column = 0; column < panels.Columns; column++)
        {
            var row = rows.Slice(column * inner, inner);
            var target = panels._packed.AsSpan(column / Width * inner * Width + column % Width);
            for (var k = 0; k < inner; k++)
                target[k * Width] = row[k];
        }
        return panels;
    }

    /// <summary>Packs as it stands: <paramref name="matrix"/> has one row an inner index.</summary>
    public static Panels OfColumns(ReadOnlySpan<float> matrix, int columns)
    {
        var panels = new Panels(matrix.Length / columns, columns);
        for (var k = 0; k < panels.Inner; k++)
        {
            for (var column = 0; column < columns; column++)
                panels._packed[column / Width * panels.Inner * Width + k * Width + column % Width] = matrix[k * columns + column];
        }
        return panels;
    }

    /// <summary>Adds <c>left · this</c> to <paramref name="product"/>.</summary>
    /// <param name="left">Rows of <see cref="Inner"/> floats, <paramref name="leftStride"/> apart.</param>
    /// <param name="product">Rows of <see cref="Stride"/> floats.</param>
    public void MultiplyAdd(ReadOnlySpan<float> left, int leftStride, int rows, Span<float> product)
    {
        for (var panel = 0; panel < Count; panel++)
        {
            ref var right = ref _packed[panel * Inner * Width];
            var row = 0;
            for (; row + TileRows <= rows; row += TileRows)
                MultiplyTile(ref MemoryMarshal.GetReference(left[(row * leftStride)..]), leftStride, ref right, ref product[row * Stride + panel * Width]);
            for (; row < rows; row++)
                MultiplyRow(ref MemoryMarshal.GetReference(left[(row * leftStride)..]), ref right, ref product[row * Stride + panel * Width]);
        }
    }

    /// <summary>Eight rows by two vectors: sixteen accumulators, each kept in a register over the whole inner loop.</summary>
    private void MultiplyTile(ref float left, int leftStride, ref float right, ref float product)
    {
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        Vector512<float> e0 = default, e1 = default, f0 = default, f1 = default, g0 = default, g1 = default, h0 = default, h1 = default;
        for (var k = 0; k < Inner; k++)
        {
            var r0 = Vector512.LoadUnsafe(ref right, (nuint)(k * Width));
            var r1 = Vector512.LoadUnsafe(ref right, (nuint)(k * Width + Width / 2));
            ref var at = ref Unsafe.Add(ref left, k);
            Step(at, r0, r1, ref a0, ref a1);
            Step(Unsafe.Add(ref at, leftStride), r0, r1, ref b0, ref b1);
            Step(Unsafe.Add(ref at, 2 * leftStride), r0, r1, ref c0, ref c1);
            Step(Unsafe.Add(ref at, 3 * leftStride), r0, r1, ref d0, ref d1);
            Step(Unsafe.Add(ref at, 4 * leftStride), r0, r1, ref e0, ref e1);
            Step(Unsafe.Add(ref at, 5 * leftStride), r0, r1, ref f0, ref f1);
            Step(Unsafe.Add(ref at, 6 * leftStride), r0, r1, ref g0, ref g1);
            Step(Unsafe.Add(ref at, 7 * leftStride), r0, r1, ref h0, ref h1);
        }
        Add(ref product, 0, a0, a1);
        Add(ref product, 1, b0, b1);
        Add(ref product, 2, c0, c1);
        Add(ref product, 3, d0, d1);
        Add(ref product, 4, e0, e1);
        Add(ref product, 5, f0, f1);
        Add(ref product, 6, g0, g1);
        Add(ref product, 7, h0, h1);
    }

    private void MultiplyRow(ref float left, ref float right, ref float product)
    {
        Vector512<float> a0 = default, a1 = default;
        for (var k = 0; k < Inner; k++)
        {
            var r0 = Vector512.LoadUnsafe(ref right, (nuint)(k * Width));
            var r1 = Vector512.LoadUnsafe(ref right, (nuint)(k * Width + Width / 2));
            Step(Unsafe.Add(ref left, k), r0, r1, ref a0, ref a1);
        }
        Add(ref product, 0, a0, a1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step(float value, Vector512<float> r0, Vector512<float> r1, ref Vector512<float> sum0, ref Vector512<float> sum1)
    {
        var left = Vector512.Create(value);
        sum0 = Vector512.FusedMultiplyAdd(left, r0, sum0);
        sum1 = Vector512.FusedMultiplyAdd(left, r1, sum1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Add(ref float product, int row, Vector512<float> sum0, Vector512<float> sum1)
    {
        ref var target = ref Unsafe.Add(ref product, row * Stride);
        (Vector512.LoadUnsafe(ref target) + sum0).StoreUnsafe(ref target);
        (Vector512.LoadUnsafe(ref target, Width / 2) + sum1).StoreUnsafe(ref target, Width / 2);
    }
}
