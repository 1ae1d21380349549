using System.Runtime.Intrinsics;

namespace Millrace.DriftMonitor.Statistics;

/// <summary>
/// The right side of a matrix product, packed so that <see cref="Width"/> neighbouring columns lie together for each inner index:
/// one step of the inner loop then reads two vectors and feeds a tile of multiply-adds that stays in registers.
/// </summary>
internal sealed class Panels
{
    /// <summary>Rows to multiply at once: a whole number of tiles and of panels, whichever the processor takes.</summary>
    public const int BlockRows = 192;

    private static readonly bool Wide = Vector512.IsHardwareAccelerated;

    /// <summary>Two vectors of the widest kind that this processor has.</summary>
    private static readonly int Width = Wide ? WideTile.Columns : NarrowTile.Columns;

    private static readonly int TileRows = Wide ? WideTile.Rows : NarrowTile.Rows;

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
    /// <exception cref="ArgumentException">There are fewer floats than <paramref name="rows"/> rows have.</exception>
    public void MultiplyAdd(ReadOnlySpan<float> left, int leftStride, int rows, Span<float> product)
    {
        // The tiles read and write past the bounds of spans without a look.
        if (rows > 0 && (left.Length < ((rows - 1) * leftStride) + Inner || product.Length < rows * Stride))
            throw new ArgumentException($"{rows} rows want more than {left.Length} floats on the left or {product.Length} in the product.", nameof(rows));
        for (var panel = 0; panel < Count; panel++)
        {
            ref var right = ref _packed[panel * Inner * Width];
            var row = 0;
            for (; row + TileRows <= rows; row += TileRows)
                AddTile(in left[row * leftStride], leftStride, in right, ref product[row * Stride + panel * Width]);
            for (; row < rows; row++)
                AddRow(in left[row * leftStride], in right, ref product[row * Stride + panel * Width]);
        }
    }

    private void AddTile(ref readonly float left, int leftStride, ref readonly float right, ref float product)
    {
        if (Wide)
            WideTile.MultiplyAdd(in left, leftStride, in right, Inner, ref product, Stride);
        else
            NarrowTile.MultiplyAdd(in left, leftStride, in right, Inner, ref product, Stride);
    }

    /// <summary>A row that is left over where the rows are no whole number of tiles.</summary>
    private void AddRow(ref readonly float left, ref readonly float right, ref float product)
    {
        if (Wide)
            WideTile.MultiplyAddRow(in left, in right, Inner, ref product);
        else
            NarrowTile.MultiplyAddRow(in left, in right, Inner, ref product);
    }
}
