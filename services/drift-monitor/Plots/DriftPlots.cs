using Millrace.DriftMonitor.Detection;

namespace Millrace.DriftMonitor.Plots;

/// <summary>A detector's two pictures: the statistic over its tests, and both windows in two dimensions.</summary>
internal static class DriftPlots
{
    private const int Width = 800;
    private const int Height = 320;
    private const int Margin = 48;

    public static string Statistic(DetectorState state)
    {
        var svg = new Svg(Width, Height, $"MMD² of {state.Name} over its tests");
        Frame(svg, $"{state.Name}: MMD² (line) and its threshold (dashed) over posts seen");
        if (state.History.Count == 0)
            return svg.Text(Margin, Height / 2.0, "No test yet: the windows are still filling.").ToString();
        var top = state.History.Max(test => Math.Max(test.Mmd2, test.Threshold)) * 1.1 + 1e-12;
        var bottom = Math.Min(0, state.History.Min(test => Math.Min(test.Mmd2, test.Threshold))) * 1.1;
        var (from, to) = (state.History[0].Seen, Math.Max(state.History[^1].Seen, state.History[0].Seen + 1));
        double X(DriftTest test) => Margin + (Width - 2.0 * Margin) * (test.Seen - from) / (to - from);
        double Y(double value) => Height - Margin - (Height - 2.0 * Margin) * (value - bottom) / (top - bottom);
        svg.Path(state.History.Select(test => (X(test), Y(test.Threshold))), "limit").Path(state.History.Select(test => (X(test), Y(test.Mmd2))), "line");
        foreach (var test in state.History.Where(test => test.Alarm))
            svg.Dot(X(test), Y(test.Mmd2), 5, "alarm", $"Alarm at {test.At:u}: p {test.PValue:0.0000}");
        return svg.Text(4, Margin, $"{top:G2}").Text(4, Height - Margin, $"{bottom:G2}").Text(Margin, Height - 16, $"{from}").Text(Width - 2 * Margin, Height - 16, $"{to} posts").ToString();
    }

    public static string Windows(DetectorState state)
    {
        var title = $"Reference and current window of {state.Name}";
        return state.Reference.Count == 0 || state.Current.Count == 0
            ? new Svg(Width, Height, title).Text(Margin, Height / 2.0, "The windows are still filling.").ToString()
            : CloudsPlot.Draw(
                title, $"{state.Name}: two main directions; blue reference version {state.ReferenceVersion}, orange current window",
                Thin(state.Reference), Thin(state.Current));
    }

    private static List<(string Name, float[] Vector)> Thin(PostWindow window) =>
    [
        .. window.Posts
            .Where((_, index) => index == 0 || (long)index * CloudsPlot.MaxDots / window.Count != (long)(index - 1) * CloudsPlot.MaxDots / window.Count)
            .Select(post => (post.Post, post.Vector)),
    ];

    private static void Frame(Svg svg, string caption) =>
        svg.Line(Margin, Height - Margin, Width - Margin, Height - Margin, "axis").Line(Margin, Margin, Margin, Height - Margin, "axis").Text(Margin, 20, caption);
}
