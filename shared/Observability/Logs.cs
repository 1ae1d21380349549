using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;
using Serilog;
using Serilog.Events;
using Serilog.Extensions.Logging;

namespace Millrace.Observability;

/// <summary>Serilog writes to the console, a file and Seq; without Seq the same records go to another receiver by OTLP.</summary>
internal static class Logs
{
    private const string Template =
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {SourceContext}: {Message:lj} {Properties:j}{NewLine}{" + VisibleEvents.ExceptionText + "}";

    private const string ConsoleTemplate = "{Timestamp:HH:mm:ss.fff} [{Level:u3}] {Message:lj} {RequestId}{NewLine}{" + VisibleEvents.ExceptionText + "}";

    private static readonly string[] Frameworks = ["Microsoft", "System", "MassTransit"];

    /// <summary>Would write the address of every call, where Perspective's clients put their key: it is never heard below warnings.</summary>
    private const string CallLog = "Microsoft.AspNetCore.Hosting.Diagnostics";

    private const long LogFileLimitBytes = 100L * 1024 * 1024;

    private const long SeqBufferLimitBytes = 256L * 1024 * 1024;

    public static void AddLogs(this IHostApplicationBuilder builder, ObservabilityOptions options, string service)
    {
        var level = Enum.Parse<LogLevel>(options.LogLevel);
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(level);
        foreach (var (category, lowest) in Filters(level))
            builder.Logging.AddFilter(category, lowest);
        builder.Logging.AddSerilog(CreateLogger(builder, options, service, level), dispose: true);
        if (OtlpTargets.For(options, OtlpSignal.Logs) is { } target)
        {
            builder.Logging.AddOpenTelemetry(logs =>
            {
                logs.IncludeScopes = true;
                logs.IncludeFormattedMessage = true;
                logs.ParseStateValues = true;
                logs.SetResourceBuilder(ServiceResource.For(service));
                logs.AddOtlpExporter(target.Apply);
            });
        }
    }

    /// <summary>Frameworks speak only from warnings on, unless everything is asked for.</summary>
    private static IEnumerable<(string Category, LogLevel Lowest)> Filters(LogLevel level)
    {
        var quiet = level > LogLevel.Warning ? level : LogLevel.Warning;
        return [.. Frameworks.Select(framework => (framework, level <= LogLevel.Debug ? level : quiet)), (CallLog, quiet)];
    }

    private static LogEventLevel ToSerilog(LogLevel level) => LevelConvert.ToSerilogLevel(level);

    private static Serilog.Core.Logger CreateLogger(IHostApplicationBuilder builder, ObservabilityOptions options, string service, LogLevel level)
    {
        // Serilog's provider takes itself out of the filters above, so it has the same levels of its own.
        var logger = new LoggerConfiguration().MinimumLevel.Is(ToSerilog(level));
        foreach (var (category, lowest) in Filters(level))
            logger.MinimumLevel.Override(category, ToSerilog(lowest));
        logger
            .Enrich.FromLogContext()
            .Enrich.WithProperty("Service", service)
            .Enrich.WithProperty("Instance", ServiceResource.Instance)
            .ReadFrom.Configuration(builder.Configuration);
        if (options.Console)
        {
            logger.WriteTo.Logger(console => console
                .Filter.ByExcluding(IsFailedStart)
                .Enrich.With<VisibleEvents>()
                .WriteTo.Console(outputTemplate: ConsoleTemplate, formatProvider: CultureInfo.InvariantCulture));
        }
        if (options.LogFile is { } file)
        {
            logger.WriteTo.Logger(text => text
                .Enrich.With<VisibleEvents>()
                .WriteTo.File(
                    file, outputTemplate: Template, formatProvider: CultureInfo.InvariantCulture, rollingInterval: RollingInterval.Day,
                    fileSizeLimitBytes: LogFileLimitBytes, rollOnFileSizeLimit: true, retainedFileCountLimit: 7));
        }
        if (options.SeqUrl is { } seq)
        {
            logger.WriteTo.Seq(
                seq, apiKey: options.SeqKey, bufferSizeLimitBytes: SeqBufferLimitBytes, formatProvider: CultureInfo.InvariantCulture,
                bufferBaseFilename: options.SeqBufferFolder is { } folder ? Path.Combine(folder, service) : null);
        }
        return logger.CreateLogger();
    }

    /// <summary>The host's own account of a start that failed: whoever started it gets the exception, and says on the console what to do.</summary>
    private static bool IsFailedStart(LogEvent happened) =>
        happened.Properties.GetValueOrDefault("EventId") is StructureValue id
        && id.Properties.Any(part => part is { Name: "Name", Value: ScalarValue { Value: "HostedServiceStartupFaulted" } });
}
