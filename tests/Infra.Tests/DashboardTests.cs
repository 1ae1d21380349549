using System.Text.Json;
using System.Text.RegularExpressions;

namespace Millrace.Infra.Tests;

/// <summary>Dashboards and alerts ask only for metrics that the sources make.</summary>
public sealed partial class DashboardTests
{
    [Theory]
    [InlineData("infra/grafana/dashboard.json")]
    [InlineData("infra/grafana/alerts.yaml")]
    public void Every_metric_that_is_asked_for_is_made(string path)
    {
        var made = Instruments().Matches(Sources())
            .Select(match => ExportedName(match.Groups["kind"].Value, match.Groups["name"].Value, match.Groups["unit"].Value)).ToHashSet();

        var asked = AskedNames().Matches(File.ReadAllText(Path.Combine(Manifests.Root, path))).Select(match => match.Groups[1].Value).Distinct().ToArray();

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains(name, made));
    }

    [Fact]
    public void The_dashboard_is_JSON_with_panels()
    {
        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Manifests.Root, "infra/grafana/dashboard.json")));

        Assert.InRange(dashboard.RootElement.GetProperty("panels").GetArrayLength(), 8, 30);
    }

    [Fact]
    public void Every_property_that_Seq_is_asked_for_is_logged()
    {
        var logged = LoggedProperties().Matches(Sources()).Select(match => match.Groups[1].Value).Append("Service").ToHashSet();

        var asked = AskedProperties().Matches(File.ReadAllText(Path.Combine(Manifests.Root, "infra/seq/signals.json")))
            .Select(match => match.Groups[1].Value + match.Groups[2].Value).Distinct().ToArray();

        Assert.NotEmpty(asked);
        Assert.All(asked, name => Assert.Contains(name, logged));
    }

    private static string Sources() => string.Concat(new[] { "services", "shared" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Manifests.Root, folder), "*.cs", SearchOption.AllDirectories))
        .Select(File.ReadAllText));

    /// <summary>As <c>MetricsTests</c> sees them on the page: the unit is spelled out unless it is an annotation, and a counter is a total.</summary>
    private static string ExportedName(string kind, string name, string unit)
    {
        var suffix = unit switch { "s" => "_seconds", "ms" => "_milliseconds", _ => "" };
        return name.Replace('.', '_') + suffix + (kind == "Counter" ? "_total" : "");
    }

    [GeneratedRegex("Create(?<kind>Counter|Histogram|UpDownCounter|Gauge|ObservableGauge)(<\\w+>)?\\(\\s*\"(?<name>millrace\\.[a-z._0-9]+)\"(, \"(?<unit>[^\"]*)\")?")]
    private static partial Regex Instruments();

    [GeneratedRegex("(millrace_[a-z_0-9]+?)(?:_bucket|_sum|_count)?(?=[\\[{ )\",])")]
    private static partial Regex AskedNames();

    [GeneratedRegex("\\{([A-Z][A-Za-z0-9]*)(?::[^}]*)?\\}")]
    private static partial Regex LoggedProperties();

    [GeneratedRegex("Has\\(([A-Z]\\w*)\\)|\"groupBy\": \\[\"([A-Z]\\w*)")]
    private static partial Regex AskedProperties();
}
