using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Millrace.Observability;

/// <summary>Exports everything whose source or meter is named <c>Millrace.*</c>.</summary>
internal static class TracesAndMetrics
{
    private const string Names = "Millrace.*";
    private static readonly double[] SecondsBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    public static void AddTraces(this IServiceCollection services, ObservabilityOptions options, string service)
    {
        if (OtlpTargets.For(options, OtlpSignal.Traces) is not { } target)
            return;
        services.AddSingleton<IHostedService>(_ => new ProviderLifetime(() => Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ServiceResource.For(service))
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.TraceRatio)))
            .AddSource(Names, "Microsoft.AspNetCore")
            .AddOtlpExporter(target.Apply)
            .Build()));
    }

    /// <summary>For <c>/metrics</c>, and by OTLP where that is set. Names and buckets are the same on both ways.</summary>
    public static void AddMetrics(this IServiceCollection services, ObservabilityOptions options, string service)
    {
        services.AddSingleton(_ => BuildMeters(options, service));
        services.AddSingleton<IHostedService>(provider => new ProviderLifetime(provider.GetRequiredService<MeterProvider>));
    }

    private static MeterProvider BuildMeters(ObservabilityOptions options, string service)
    {
        var builder = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ServiceResource.For(service))
            .AddMeter(Names)
            .AddView(BucketsOf)
            .AddPrometheusExporter();
        if (OtlpTargets.For(options, OtlpSignal.Metrics) is { } target)
            builder.AddOtlpExporter((exporter, reader) =>
            {
                target.Apply(exporter);
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.MetricsExportIntervalMs;
            });
        return builder.Build();
    }

    /// <summary>The default buckets are made for milliseconds; null keeps them.</summary>
    private static ExplicitBucketHistogramConfiguration? BucketsOf(Instrument instrument) =>
        instrument.Unit == "s" ? new ExplicitBucketHistogramConfiguration { Boundaries = SecondsBuckets } : null;

    /// <summary>Builds a provider when the host starts and flushes it when the host stops.</summary>
    private sealed class ProviderLifetime(Func<BaseProvider> build) : IHostedService
    {
        private BaseProvider? _provider;

        public Task StartAsync(CancellationToken cancellationToken)
        {
            _provider = build();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            _provider?.Dispose();
            return Task.CompletedTask;
        }
    }
}
