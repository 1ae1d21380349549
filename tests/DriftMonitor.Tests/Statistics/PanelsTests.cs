using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Statistics;

public class PanelsTests
{
    private const int Inner = 37;

    private delegate void Tile(ref readonly float left, nint leftStride, ref readonly float right, int inner, ref float product, nint productStride);

    private delegate void Row(ref readonly float left, ref readonly float right, int inner, ref float product);

    /// <summary>Whichever a machine's processor takes, both are right on every machine.</summary>
    [Fact]
    public void Both_tiles_add_the_product_of_their_rows_and_a_panel()
    {
        AssertAdds(WideTile.MultiplyAdd, WideTile.Rows, WideTile.Columns);
        AssertAdds(NarrowTile.MultiplyAdd, NarrowTile.Rows, NarrowTile.Columns);
        AssertAdds(Alone(WideTile.MultiplyAddRow), 1, WideTile.Columns);
        AssertAdds(Alone(NarrowTile.MultiplyAddRow), 1, NarrowTile.Columns);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 15)]
    [InlineData(48, 32)]
    [InlineData(53, 101)]
    public void A_product_of_any_shape_is_that_of_the_definition(int rows, int columns)
    {
        var (left, right) = (Random(rows * Inner, 1), Random(columns * Inner, 2));
        var panels = Panels.OfRows(right, Inner);
        var product = new float[rows * panels.Stride];
        panels.MultiplyAdd(left, Inner, rows, product);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                Assert.Equal(Dot(left, row, k => right[column * Inner + k]), product[row * panels.Stride + column], 1e-4);
        }
    }

    [Fact]
    public void Too_few_floats_for_the_rows_are_refused()
    {
        var panels = Panels.OfRows(Random(3 * Inner, 2), Inner);
        Assert.Throws<ArgumentException>(() => panels.MultiplyAdd(Random(2 * Inner, 1), Inner, 3, new float[3 * panels.Stride]));
        Assert.Throws<ArgumentException>(() => panels.MultiplyAdd(Random(3 * Inner, 1), Inner, 3, new float[2 * panels.Stride]));
    }

    private static Tile Alone(Row row) =>
        (ref readonly float left, nint _, ref readonly float right, int inner, ref float product, nint _) =>
            row(in left, in right, inner, ref product);

    private static void AssertAdds(Tile tile, int rows, int columns)
    {
        var (left, right) = (Random(rows * Inner, 1), Random(columns * Inner, 2));
        var product = Enumerable.Repeat(1f, rows * columns).ToArray();
        tile(in left[0], Inner, in right[0], Inner, ref product[0], columns);
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
                Assert.Equal(1 + Dot(left, row, k => right[k * columns + column]), product[row * columns + column], 1e-4);
        }
    }

    private static double Dot(float[] left, int row, Func<int, float> right) =>
        Enumerable.Range(0, Inner).Sum(k => (double)left[row * Inner + k] * right(k));

    private static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
    }
}
