using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Sees to it that saved effects are carried out, whoever saved them: its own from before a crash, those of a manager whose
/// lease has ended, and those whose commit had an unclear end.
/// </summary>
internal sealed partial class OutboxKeeper(
    IMillraceStore store, WorkflowCatalog catalog, EffectQueue queue, SentTickets tickets, WorkflowManagerOptions options,
    TimeProvider clock, ILogger<OutboxKeeper> logger)
{
    private const int ClaimLimit = 100;

    private long? _renewedAt;
    private bool _hasLooked;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // Whatever an earlier run under this name left behind.
        queue.SuspectLost();
        while (true)
        {
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // What is saved stays saved; the next round finds it.
                LogFailed(logger, failure);
                queue.SuspectLost();
            }
            await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken);
        }
    }

    /// <summary>Lets others take over at once what is not sent.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) =>
        store.Requests.RenewLeaseAsync(options.Name, clock.GetUtcNow(), cancellationToken);

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!_hasLooked)
        {
            // What an earlier run left behind is found at once.
            _hasLooked = true;
            await ClaimOwnAsync(cancellationToken);
        }
        // Then first of all: whatever goes wrong below, others must not take up what is in hand here.
        var wasDue = await RenewAsync(cancellationToken);
        await ClaimOwnAsync(cancellationToken);
        if (wasDue)
            await ClaimAsync(includeOwn: false, cancellationToken);
    }

    /// <returns>False if it is not due yet.</returns>
    private async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        // Measured by time that passes: a clock that is set back must not keep others' effects from being taken up.
        if (_renewedAt is { } renewed && clock.GetElapsedTime(renewed) < TimeSpan.FromSeconds(options.LeaseSeconds) / 3)
            return false;
        var started = clock.GetTimestamp();
        await store.Requests.RenewLeaseAsync(options.Name, clock.GetUtcNow().AddSeconds(options.LeaseSeconds), cancellationToken);
        _renewedAt = started;
        return true;
    }

    private Task ClaimOwnAsync(CancellationToken cancellationToken) =>
        queue.TakeSuspicion() ? ClaimAsync(includeOwn: true, cancellationToken) : Task.CompletedTask;

    private async Task ClaimAsync(bool includeOwn, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        while (true)
        {
            // Own effects come back as long as they are not sent, so the limit must reach past those in hand.
            var limit = ClaimLimit + (includeOwn ? tickets.OpenCount : 0);
            var claimed = await store.Requests.ClaimUnsentAsync(
                options.Name, now, now.AddSeconds(options.LeaseSeconds), includeOwn, limit, cancellationToken);
            FailPoint.Reach("outbox.claimed");
            await tickets.AllKnownAsync().WaitAsync(cancellationToken);
            var lost = claimed.Where(unsent => !tickets.IsKnown(unsent.Ticket)).ToList();
            foreach (var unsent in lost)
                await TakeUpAsync(unsent, cancellationToken);
            if (lost.Count > 0)
                LogTakenUp(logger, lost.Count);
            if (claimed.Count < limit || lost.Count == 0)
                return;
            while (queue.Waiting > options.DispatchHighWater / 2)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(options.ResendDelayMs), clock, cancellationToken);
                await RenewAsync(cancellationToken);
            }
        }
    }

    private async Task TakeUpAsync(UnsentEffects unsent, CancellationToken cancellationToken)
    {
        var ids = unsent.Entries.Select(entry => entry.RequestId).ToList();
        var committed = new List<CommittedEffects>(ids.Count);
        var unreadable = 0;
        foreach (var (stored, entry) in (await store.Requests.LoadAsync(ids, cancellationToken)).Zip(unsent.Entries))
        {
            if (stored is null)
                continue;
            try
            {
                var request = await RunningRequest.ReadAsync(stored, catalog, cancellationToken);
                committed.Add(new CommittedEffects(request, [.. EffectCodec.Read(entry.Effects).Where(effect => IsWanted(request, effect))]));
            }
            catch (Exception failure) when (!Outage.Is(failure))
            {
                // One request that this build can't read, such as one of a later build, keeps its own effects from being sent and no others.
                unreadable++;
                LogUnreadable(logger, entry.RequestId, failure);
            }
        }
        queue.Add(unsent.Ticket, committed, kept: unreadable);
    }

    /// <summary>A finish is told only if the request is still finished: it may have been redriven since.</summary>
    public static bool IsWanted(RunningRequest request, Effect effect) => effect is not Effect.FinishRequest || request.IsFinished;

    [LoggerMessage(Level = LogLevel.Information, Message = "Taking up {Count} commits whose effects are not known to be sent")]
    private static partial void LogTakenUp(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Effects of request {RequestId} can't be read; they stay saved and are looked at again at the next start")]
    private static partial void LogUnreadable(ILogger logger, Guid requestId, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Saved effects could not be looked at; trying again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
