using System.Globalization;
using System.Net;
using System.Text;

namespace Millrace.DriftMonitor.Plots;

/// <summary>A small drawing in SVG; its colours follow the reader's light or dark scheme, its texts are always escaped.</summary>
internal sealed class Svg(int width, int height, string title)
{
    private const string Style =
        "<style>svg{background:#fff;font:12px system-ui,sans-serif}text{fill:#333}.axis{stroke:#999}.line{fill:none;stroke:#0b62a4;stroke-width:1.5}"
        + ".limit{fill:none;stroke:#b35900;stroke-dasharray:4 3}.alarm{fill:#b00020}.reference{fill:#0b62a4;fill-opacity:.45}.current{fill:#b35900;fill-opacity:.6}"
        + "@media(prefers-color-scheme:dark){svg{background:#16181c}text{fill:#ddd}.line{stroke:#6cb6ff}.limit{stroke:#f0a35e}.alarm{fill:#ff7b89}.reference{fill:#6cb6ff}.current{fill:#f0a35e}}</style>";

    private readonly StringBuilder _body = new();

    public Svg Line(double x1, double y1, double x2, double y2, string css) => Append($"<line class='{css}' x1='{x1:0.##}' y1='{y1:0.##}' x2='{x2:0.##}' y2='{y2:0.##}'/>");

    public Svg Path(IEnumerable<(double X, double Y)> points, string css) =>
        Append($"<polyline class='{css}' points='{string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:0.##},{point.Y:0.##}")))}'/>");

    public Svg Dot(double x, double y, double radius, string css, string tooltip) =>
        Append($"<circle class='{css}' cx='{x:0.##}' cy='{y:0.##}' r='{radius:0.##}'><title>{WebUtility.HtmlEncode(tooltip)}</title></circle>");

    public Svg Text(double x, double y, string text) => Append($"<text x='{x:0.##}' y='{y:0.##}'>{WebUtility.HtmlEncode(text)}</text>");

    public override string ToString() =>
        $"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}' role='img'><title>{WebUtility.HtmlEncode(title)}</title>{Style}{_body}</svg>";

    private Svg Append(FormattableString element)
    {
        _body.Append(element.ToString(CultureInfo.InvariantCulture));
        return this;
    }
}
