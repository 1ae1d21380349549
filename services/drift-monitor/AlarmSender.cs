using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.DriftMonitor.Detection;
using Millrace.Messaging;

namespace Millrace.DriftMonitor;

/// <summary>
/// Tells of each saved alarm until the broker has it: at least once, each time with the same id. What was not confirmed is sent again,
/// after a start as well.
/// </summary>
internal sealed partial class AlarmSender(IMessageBus bus, DetectorRegistry detectors, TimeProvider time, ILogger<AlarmSender> logger) : BackgroundService
{
    public const string RoutingKey = "drift.alarm";

    public static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly HashSet<string> _told = [];

    public async Task SendPendingAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            foreach (var alarm in await detectors.PendingAlarmsAsync(cancellationToken))
                await SendAsync(alarm, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _turn.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(RetryInterval, time);
        try
        {
            do
                await TrySendPendingAsync(stoppingToken);
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Leaving: what is not confirmed is sent after the next start.
        }
    }

    private async Task TrySendPendingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SendPendingAsync(cancellationToken);
        }
        catch (Exception error) when (!cancellationToken.IsCancellationRequested)
        {
            // Whatever fails now, the alarm is still pending and the next round sends it.
            LogNotSent(error);
        }
    }

    private async Task SendAsync(DriftAlarm alarm, CancellationToken cancellationToken)
    {
        if (_told.Add(alarm.Id))
        {
            DriftMetrics.Alarms.Add(1, new KeyValuePair<string, object?>("detector", alarm.Detector));
            LogAlarm(alarm.Detector, alarm.Test.Mmd2, alarm.Test.PValue, alarm.Test.Seen);
        }
        var message = new OutgoingMessage(
            Wire.ResultsExchange, RoutingKey, JsonSerializer.SerializeToUtf8Bytes(alarm, MillraceJson.Options),
            new MessageProperties { ContentType = Wire.JsonContentType, AppId = DriftConsumer.Queue, MessageId = alarm.Id }, Mandatory: false);
        var outcome = (await bus.SendAsync([message], cancellationToken))[0];
        if (outcome.Kind != SendOutcomeKind.Confirmed)
        {
            LogUnconfirmed(alarm.Detector, alarm.Id, outcome.Kind, outcome.Reason);
            return;
        }
        await detectors.ConfirmAsync(alarm, cancellationToken);
        _told.Remove(alarm.Id);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Drift of {Detector}: MMD² {Mmd2:0.00000}, p {PValue:0.0000} after {Seen} posts")]
    private partial void LogAlarm(string detector, double mmd2, double pValue, long seen);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The alarm {AlarmId} of {Detector} is not confirmed and will be sent again: {Outcome} {Reason}")]
    private partial void LogUnconfirmed(string detector, string alarmId, SendOutcomeKind outcome, string? reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pending drift alarms could not be sent now; trying again")]
    private partial void LogNotSent(Exception error);
}
