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
/// Seq takes logs and traces under <c>/ingest/otlp/v1/</c>; it has no metrics, so those go to the other receiver only.
/// </summary>
internal static class OtlpTargets
{
    public static OtlpTarget? For(ObservabilityOptions options, OtlpSignal signal) => signal switch
    {
        OtlpSignal.Metrics => FromOtlp(options, "metrics"),
        OtlpSignal.Logs => FromSeq(options, "logs") ?? FromOtlp(options, "logs"),
        OtlpSignal.Traces => FromSeq(options, "traces") ?? FromOtlp(options, "traces"),
        _ => throw new ArgumentOutOfRangeException(nameof(signal)),
    };

    private static OtlpTarget? FromSeq(ObservabilityOptions options, string path) =>
        options.SeqUrl is { } url
            ? new OtlpTarget(Combine(url, "ingest/otlp/v1/" + path), options.SeqKey is { } key ? "X-Seq-ApiKey=" + key : null)
            : null;

    private static OtlpTarget? FromOtlp(ObservabilityOptions options, string path) =>
        options.OtlpUrl is { } url ? new OtlpTarget(Combine(url, "v1/" + path), null) : null;

    private static Uri Combine(string url, string path) => new(new Uri(url.TrimEnd('/') + "/"), path);
}
