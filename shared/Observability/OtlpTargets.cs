using OpenTelemetry.Exporter;

namespace Millrace.Observability;

internal enum OtlpSignal
{
    Logs,
    Traces,
    Metrics,
}

/// <summary>Where one kind of signal is sent, by OTLP over HTTP with protobuf.</summary>
internal sealed record OtlpTarget(Uri Endpoint, string? Headers)
{
    public void Apply(OtlpExporterOptions exporter)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = Endpoint;
        if (Headers is not null)
            exporter.Headers = Headers;
    }
}

/// <summary>
/// Seq takes traces under <c>/ingest/otlp/v1/</c>; its logs go by Serilog's own sink, and it has no metrics.
/// </summary>
internal static class OtlpTargets
{
    public static OtlpTarget? For(ObservabilityOptions options, OtlpSignal signal) => signal switch
    {
        OtlpSignal.Metrics => FromOtlp(options, "metrics"),
        OtlpSignal.Logs => options.SeqUrl is null ? FromOtlp(options, "logs") : null,
        OtlpSignal.Traces => SeqTraces(options) ?? FromOtlp(options, "traces"),
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    };

    private static OtlpTarget? SeqTraces(ObservabilityOptions options) =>
        options.SeqUrl is { } url
            ? new OtlpTarget(Combine(url, "ingest/otlp/v1/traces"), options.SeqKey is { } key ? "X-Seq-ApiKey=" + key : null)
            : null;

    private static OtlpTarget? FromOtlp(ObservabilityOptions options, string path) =>
        options.OtlpUrl is { } url ? new OtlpTarget(Combine(url, "v1/" + path), null) : null;

    private static Uri Combine(string url, string path) => new(new Uri(url.TrimEnd('/') + "/"), path);
}
