using Millrace.DriftMonitor.Detection;

namespace Millrace.DriftMonitor.Plots;

/// <summary>A detector's two pictures: the statistic over its tests, and both windows in two dimensions.</summary>
internal static class DriftPlots
{
    private const int Width = 800;
    private const int Height = 320;
    private const int Margin = 48;
    private const int MaxDots = 600;

    public static string Statistic(DetectorState state)
    {
        var svg = new Svg(Width, Height, $"MMD² of {state.Name} over its tests");
        Frame(svg, $"{state.Name}: MMD² (line) and its threshold (dashed) over posts seen");
        if (state.History.Count == 0)
            return svg.Text(Margin, Height / 2.0, "No test yet: the windows are still filling.").ToString();
        var top = state.History.Max(test => Math.Max(test.Mmd2, test.Threshold)) * 1.1 + 1e-12;
        var (from, to) = (state.History[0].Seen, Math.Max(state.History[^1].Seen, state.History[0].Seen + 1));
        double X(DriftTest test) => Margin + (Width - 2.0 * Margin) * (test.Seen - from) / (to - from);
        double Y(double value) => Height - Margin - (Height - 2.0 * Margin) * value / top;
        svg.Path(state.History.Select(test => (X(test), Y(test.Threshold))), "limit").Path(state.History.Select(test => (X(test), Y(test.Mmd2))), "line");
        foreach (var test in state.History.Where(test => test.Alarm))
            svg.Dot(X(test), Y(test.Mmd2), 5, "alarm", $"Alarm at {test.At:u}: p {test.PValue:0.0000}");
        return svg.Text(4, Margin, $"{top:0.####}").Text(Margin, Height - 16, $"{from}").Text(Width - 2 * Margin, Height - 16, $"{to} posts").ToString();
    }

    public static string Windows(DetectorState state)
    {
        var svg = new Svg(Width, Height * 2, $"Reference and current window of {state.Name}");
        if (state.Reference.Count == 0 || state.Current.Count == 0)
            return svg.Text(Margin, Height, "The windows are still filling.").ToString();
        var reference = Thin(state.Reference);
        var current = Thin(state.Current);
        var points = Projection.Of(new Statistics.Samples([.. reference.Concat(current).SelectMany(post => post.Vector)], state.Dimensions));
        var (left, right) = (points.Min(point => point.X), points.Max(point => point.X));
        var (low, high) = (points.Min(point => point.Y), points.Max(point => point.Y));
        for (var i = 0; i < points.Length; i++)
        {
            var x = Margin + (Width - 2.0 * Margin) * (points[i].X - left) / Math.Max(right - left, 1e-9);
            var y = Margin + (2.0 * Height - 2 * Margin) * (points[i].Y - low) / Math.Max(high - low, 1e-9);
            var isReference = i < reference.Count;
            svg.Dot(x, y, 2.5, isReference ? "reference" : "current", isReference ? reference[i].Post : current[i - reference.Count].Post);
        }
        return svg.Text(Margin, 20, $"{state.Name}: two main directions; blue reference version {state.ReferenceVersion}, orange current window").ToString();
    }

    private static List<WatchedPost> Thin(PostWindow window) =>
        [.. window.Posts.Where((_, index) => (long)index * MaxDots / window.Count != (long)(index - 1) * MaxDots / window.Count || index == 0)];

    private static void Frame(Svg svg, string caption) =>
        svg.Line(Margin, Height - Margin, Width - Margin, Height - Margin, "axis").Line(Margin, Margin, Margin, Height - Margin, "axis").Text(Margin, 20, caption);
}
