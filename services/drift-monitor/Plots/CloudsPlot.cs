using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Plots;

/// <summary>Two sets of vectors as dots in the two directions in which both together vary most.</summary>
internal static class CloudsPlot
{
    /// <summary>More of one set than this cannot be told apart in a picture.</summary>
    public const int MaxDots = 600;

    private const int Width = 800;
    private const int Height = 640;
    private const int Margin = 48;

    /// <param name="reference">Drawn in blue, each with its name as tooltip; not empty.</param>
    /// <param name="current">Drawn in orange; vectors of the same length.</param>
    public static string Draw(
        string title, string caption, IReadOnlyList<(string Name, float[] Vector)> reference, IReadOnlyList<(string Name, float[] Vector)> current)
    {
        var svg = new Svg(Width, Height, title);
        var points = Projection.Of(new Samples([.. reference.Concat(current).SelectMany(row => row.Vector)], reference[0].Vector.Length));
        var (left, right) = (points.Min(point => point.X), points.Max(point => point.X));
        var (low, high) = (points.Min(point => point.Y), points.Max(point => point.Y));
        for (var i = 0; i < points.Length; i++)
        {
            var x = Margin + (Width - 2.0 * Margin) * (points[i].X - left) / Math.Max(right - left, 1e-9);
            var y = Margin + (Height - 2.0 * Margin) * (points[i].Y - low) / Math.Max(high - low, 1e-9);
            var isReference = i < reference.Count;
            svg.Dot(x, y, 2.5, isReference ? "reference" : "current", isReference ? reference[i].Name : current[i - reference.Count].Name);
        }
        return svg.Text(Margin, 20, caption).ToString();
    }
}
