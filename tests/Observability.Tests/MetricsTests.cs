using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Millrace.Observability.Tests;

public sealed class MetricsTests
{
    /// <summary>Dashboards and alerts are written for these names, which an OTLP receiver for Prometheus gives as well.</summary>
    [Fact]
    public async Task Every_kind_of_metric_is_on_the_page_under_its_Prometheus_name_from_the_first_count_on()
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.AddObservability("test");
        await using var app = builder.Build();
        app.MapObservability();
        await app.StartAsync(TestContext.Current.CancellationToken);
        using var meter = new Meter("Millrace.MetricsTests");
        meter.CreateCounter<long>("millrace.test.done", "{post}").Add(3, KeyValuePair.Create<string, object?>("queue", "a"));
        meter.CreateHistogram<double>("millrace.test.duration", "s").Record(0.003);
        meter.CreateHistogram<double>("millrace.test.latency", "ms").Record(30);
        meter.CreateUpDownCounter<long>("millrace.test.in_progress").Add(2);
        meter.CreateGauge<double>("millrace.test.level").Record(0.5);

        using var client = new HttpClient();
        var text = await client.GetStringAsync(new Uri(app.Urls.First() + "/metrics"), TestContext.Current.CancellationToken);

        Assert.Matches("(?m)^millrace_test_done_total\\{.*queue=\"a\".*\\} 3", text);
        Assert.Matches("(?m)^millrace_test_duration_seconds_bucket\\{.*le=\"0.0025\"\\} 0", text);
        Assert.Matches("(?m)^millrace_test_duration_seconds_bucket\\{.*le=\"0.005\"\\} 1", text);
        Assert.Matches("(?m)^millrace_test_latency_milliseconds_bucket\\{.*le=\"50\"\\} 1", text);
        Assert.Matches("(?m)^millrace_test_in_progress(\\{.*\\})? 2", text);
        Assert.Matches("(?m)^millrace_test_level(\\{.*\\})? 0.5", text);
        Assert.DoesNotContain("msquic", text, StringComparison.OrdinalIgnoreCase);
    }
}
