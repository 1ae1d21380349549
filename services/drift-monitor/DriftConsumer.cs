using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Sources;
using Millrace.Messaging;

namespace Millrace.DriftMonitor;

/// <summary>Reads completed requests from the <c>results</c> exchange, feeds the detectors and tells of each change once.</summary>
internal sealed partial class DriftConsumer(
    IMessageBus bus, DetectorRegistry detectors, DriftOptions options, ILogger<DriftConsumer> logger) : IHostedService, IAsyncDisposable
{
    public const string Queue = "drift-monitor";

    public const string AlarmRoutingKey = "drift.alarm";

    private IAsyncDisposable? _consumer;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await detectors.LoadAsync(cancellationToken);
        _consumer = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = Queue, Bindings = [(Wire.ResultsExchange, "*.completed")], Prefetch = 100 }, HandleAsync, cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        await detectors.SaveAllAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _consumer, null) is { } consumer)
            await consumer.DisposeAsync();
    }

    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        using var view = Parse(message);
        foreach (var post in VectorReader.Read(view.RootElement, options.Sources))
        {
            if (await detectors.ObserveAsync(post, cancellationToken) is { } test)
                await ReportAsync(post.Detector, test, cancellationToken);
        }
    }

    private static JsonDocument Parse(IncomingMessage message)
    {
        try
        {
            return JsonDocument.Parse(message.Body, new JsonDocumentOptions { MaxDepth = MillraceJson.MaxDepth });
        }
        catch (JsonException error)
        {
            throw new DeadLetterException($"the result is no JSON: {error.Message}");
        }
    }

    private async Task ReportAsync(string detector, DriftTest test, CancellationToken cancellationToken)
    {
        var tag = new KeyValuePair<string, object?>("detector", detector);
        DriftMetrics.Tests.Add(1, tag);
        DriftMetrics.Statistic.Record(test.Mmd2, tag);
        if (!test.Alarm)
            return;
        DriftMetrics.Alarms.Add(1, tag);
        LogAlarm(detector, test.Mmd2, test.PValue, test.Seen);
        var driving = await detectors.ReadAsync(detector, state => state.Driving, cancellationToken);
        var body = JsonSerializer.SerializeToUtf8Bytes(new { detector, test, driving }, MillraceJson.Options);
        var alarm = new OutgoingMessage(
            Wire.ResultsExchange, AlarmRoutingKey, body, new MessageProperties { ContentType = Wire.JsonContentType, AppId = Queue }, Mandatory: false);
        await bus.SendAsync([alarm], cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Drift of {Detector}: MMD² {Mmd2:0.00000}, p {PValue:0.0000} after {Seen} posts")]
    private partial void LogAlarm(string detector, double mmd2, double pValue, long seen);
}
