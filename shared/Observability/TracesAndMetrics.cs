using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Millrace.Observability;

/// <summary>Exports everything whose source or meter is named <c>Millrace.*</c>.</summary>
internal static class TracesAndMetrics
{
    private const string Names = "Millrace.*";

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

    public static void AddMetricsExport(this IServiceCollection services, ObservabilityOptions options, string service)
    {
        if (OtlpTargets.For(options, OtlpSignal.Metrics) is not { } target)
            return;
        services.AddSingleton<IHostedService>(_ => new ProviderLifetime(() => Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(ServiceResource.For(service))
            .AddMeter(Names)
            .AddOtlpExporter((OtlpExporterOptions exporter, MetricReaderOptions reader) =>
            {
                target.Apply(exporter);
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = options.MetricsExportIntervalMs;
            })
            .Build()));
    }

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
