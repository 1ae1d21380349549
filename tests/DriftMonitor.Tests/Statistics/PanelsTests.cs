using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Statistics;

public class PanelsTests
{
    private const int Inner = 37;

    private delegate void Tile(ref readonly float left, nint leftStride, ref readonly float right, int inner, ref float product, nint productStride);

    /// <summary>Whichever a machine's processor takes, both are right on every machine.</summary>
    [Fact]
    public void Both_tiles_add_the_product_of_their_rows_and_a_panel()
    {
        AssertAdds(WideTile.MultiplyAdd, WideTile.Rows, WideTile.Columns);
        AssertAdds(NarrowTile.MultiplyAdd, NarrowTile.Rows, NarrowTile.Columns);
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
