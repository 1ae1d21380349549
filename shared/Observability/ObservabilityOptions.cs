using System.ComponentModel.DataAnnotations;

namespace Millrace.Observability;

/// <summary>Where logs, traces and metrics go. Section <c>Observability</c> of the configuration.</summary>
public sealed record ObservabilityOptions
{
    public const string Section = "Observability";

    /// <summary>Base URL of a Seq server; logs go there by Serilog's sink, traces by OTLP. Null: nothing is sent.</summary>
    [Url]
    public string? SeqUrl { get; init; }

    /// <summary>The Seq API key, sent as header <c>X-Seq-ApiKey</c>; never logged.</summary>
    public string? SeqKey { get; init; }

    /// <summary>
    /// A folder of this process alone, where log events wait while Seq can't be reached, at most 256 MiB, also over a restart;
    /// null: in memory, at most 100,000 events.
    /// </summary>
    public string? SeqBufferFolder { get; init; }

    /// <summary>Base URL of an OTLP/HTTP receiver (such as http://127.0.0.1:4318); metrics and, without Seq, logs and traces go there.</summary>
    [Url]
    public string? OtlpUrl { get; init; }

    /// <summary>A text file that rolls each day, kept for 7 days of at most 100 MiB; null: no file.</summary>
    public string? LogFile { get; init; }

    /// <summary>The lowest level that is logged: Trace, Debug, Information, Warning, Error or Critical.</summary>
    [RegularExpression("Trace|Debug|Information|Warning|Error|Critical")]
    public string LogLevel { get; init; } = "Information";

    /// <summary>False keeps the console free, for commands that draw on it.</summary>
    public bool Console { get; init; } = true;

    /// <summary>Share of requests that are traced, from 0 to 1.</summary>
    [Range(0.0, 1.0)]
    public double TraceRatio { get; init; } = 1;

    /// <summary>Milliseconds between two exports of metrics, from 100 to 600,000.</summary>
    [Range(100, 600_000)]
    public int MetricsExportIntervalMs { get; init; } = 15_000;
}
