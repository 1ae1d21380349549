using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Sources;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.DriftMonitor;

/// <summary>Reads completed requests from the <c>results</c> exchange and feeds the detectors.</summary>
/// <remarks>What is due is saved before the message that made it due is acknowledged, and a save that fails holds it up.</remarks>
internal sealed partial class DriftConsumer(
    IMessageBus bus, DetectorRegistry detectors, AlarmSender alarms, DriftOptions options, TimeProvider time, ILogger<DriftConsumer> logger)
    : IHostedService, IAsyncDisposable
{
    public const string Queue = "drift-monitor";

    public static readonly TimeSpan SaveRetryDelay = TimeSpan.FromSeconds(2);

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
        var alarm = false;
        foreach (var post in Read(message))
        {
            if (await detectors.ObserveAsync(post, cancellationToken) is not { } test)
                continue;
            var tag = new KeyValuePair<string, object?>("detector", post.Detector);
            DriftMetrics.Tests.Add(1, tag);
            DriftMetrics.Statistic.Record(test.Mmd2, tag);
            alarm |= test.Alarm;
        }
        FailPoint.Reach("drift.observed");
        await SaveDueAsync(cancellationToken);
        FailPoint.Reach("drift.saved");
        if (alarm)
            await alarms.SendPendingAsync(cancellationToken);
    }

    private List<PostVector> Read(IncomingMessage message)
    {
        try
        {
            using var view = JsonDocument.Parse(message.Body, new JsonDocumentOptions { MaxDepth = MillraceJson.MaxDepth });
            return [.. VectorReader.Read(view.RootElement, options.Sources)];
        }
        catch (JsonException error)
        {
            throw new DeadLetterException($"the result is no JSON: {error.Message}");
        }
        catch (InvalidOperationException error)
        {
            // Bytes that are no UTF-8, or half a surrogate pair, in a name or a text that is read.
            throw new DeadLetterException($"the result holds what is not valid Unicode text: {error.Message}");
        }
    }

    private async Task SaveDueAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await detectors.SaveDueAsync(cancellationToken);
                return;
            }
            catch (StoreException error) when (error.IsTransient)
            {
                LogNotSaved(error.Message);
                await Task.Delay(SaveRetryDelay, time, cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Detectors could not be saved and results are held up; trying again: {Error}")]
    private partial void LogNotSaved(string error);
}
