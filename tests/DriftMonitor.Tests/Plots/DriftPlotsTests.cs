using System.Globalization;
using System.Xml.Linq;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Plots;

namespace Millrace.DriftMonitor.Tests.Plots;

public sealed class DriftPlotsTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void The_statistic_has_a_point_a_test_a_threshold_and_a_mark_at_the_alarm()
    {
        var state = New(reference: 60, current: 50);
        for (var test = 0; test < 4; test++)
            state.History.Add(new DriftTest(DateTimeOffset.UnixEpoch, 100 + 10 * test, 1, 0.001 * (test - 1), 0.002, 0.5, test == 3, test == 3, "exact"));

        var drawing = XElement.Parse(DriftPlots.Statistic(state));

        var line = Points(drawing, "line");
        Assert.Equal(4, line.Length);
        Assert.Equal(line.Select(point => point.X).Order(), line.Select(point => point.X));
        Assert.Equal(line.Select(point => point.Y).OrderDescending(), line.Select(point => point.Y));
        Assert.All(line, point => Assert.InRange(point.Y, 48, 320 - 48));
        Assert.Single(Points(drawing, "limit").Select(point => point.Y).Distinct());
        var alarm = Assert.Single(Circles(drawing, "alarm"));
        Assert.Equal(line[3], (Number(alarm, "cx"), Number(alarm, "cy")));
    }

    [Fact]
    public void The_windows_have_a_dot_a_post_named_and_escaped_at_most_600_of_each()
    {
        var drawing = XElement.Parse(DriftPlots.Windows(New(reference: 2_000, current: 50)));

        var (reference, current) = (Circles(drawing, "reference"), Circles(drawing, "current"));

        Assert.Equal((600, 50), (reference.Length, current.Length));
        Assert.Equal("<post & 2000>", current[0].Value);
        Assert.All(reference.Concat(current), dot => Assert.True(Number(dot, "cx") is >= 48 and <= 752 && Number(dot, "cy") is >= 48 and <= 592));
        // The current window was moved along one axis, and that is the direction in which all vary most.
        var (left, right) = (reference.Average(dot => Number(dot, "cx")), current.Average(dot => Number(dot, "cx")));
        Assert.True(Math.Abs(left - right) > 300, $"{left} and {right}");
    }

    [Fact]
    public void Before_the_first_test_the_drawings_say_so()
    {
        var state = New(reference: 20, current: 0);

        Assert.Contains("No test yet", DriftPlots.Statistic(state), StringComparison.Ordinal);
        Assert.Contains("still filling", DriftPlots.Windows(state), StringComparison.Ordinal);
        Assert.Empty(XElement.Parse(DriftPlots.Windows(state)).Descendants(Svg + "circle"));
    }

    private static DetectorState New(int reference, int current)
    {
        var state = DriftDetector.NewState("embedding@<r1>", 3, new DriftOptions { ReferencePosts = 2_000, WindowPosts = 50 });
        var random = new Random(1);
        for (var post = 0; post < reference + current; post++)
        {
            var shift = post < reference ? 0 : 9;
            var vector = new[] { random.NextSingle(), random.NextSingle() + shift, random.NextSingle() };
            (post < reference ? state.Reference : state.Current).Add(new WatchedPost(post + 1, $"<post & {post}>", vector));
        }
        return state;
    }

    private static (double X, double Y)[] Points(XElement drawing, string css) =>
        [.. drawing.Descendants(Svg + "polyline").Single(line => line.Attribute("class")!.Value == css).Attribute("points")!.Value.Split(' ')
            .Select(point => point.Split(',').Select(value => double.Parse(value, CultureInfo.InvariantCulture)).ToArray()).Select(point => (point[0], point[1]))];

    private static XElement[] Circles(XElement drawing, string css) =>
        [.. drawing.Descendants(Svg + "circle").Where(circle => circle.Attribute("class")!.Value == css)];

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
