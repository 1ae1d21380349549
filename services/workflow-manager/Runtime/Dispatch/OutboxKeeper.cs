using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Sees to it that saved effects are carried out, whoever saved them: its own from before a crash, those of a manager whose
/// lease has ended, and those whose commit had an unclear end.
/// </summary>
internal sealed partial class OutboxKeeper(
    IMillraceStore store, RequestLoader requests, EffectQueue queue, SentTickets tickets, UnsentDispatches unsent,
    WorkflowManagerOptions options, StoreClock clock, ClockCheck clocks, ILogger<OutboxKeeper> logger)
{
    private const int ClaimLimit = 100;

    private readonly TimeSpan _lookDelay = TimeSpan.FromMilliseconds(options.ResendDelayMs);
    private readonly TimeSpan _third = TimeSpan.FromSeconds(options.LeaseSeconds) / 3;

    /// <summary>Claimed and not known to <see cref="SentTickets"/> yet.</summary>
    private volatile IReadOnlyList<OutboxTicket> _takingUp = [];

    private DateTimeOffset LeaseUntil => clock.GetUtcNow().AddSeconds(options.LeaseSeconds);

    /// <summary>Leases are kept beside the looking: however long that takes, others must not take up what is in hand here.</summary>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(KeepLeasesAsync(cancellationToken), LookAsync(cancellationToken));

    /// <summary>Lets others take over at once what is not sent.</summary>
    public Task ReleaseAsync(CancellationToken cancellationToken) =>
        store.Requests.RenewLeaseAsync(options.Name, tickets.InHand(), clock.GetUtcNow(), cancellationToken);

    /// <summary>
    /// Of what is in hand here alone: a commit whose end was not known may be saved at any time after it was looked for, and its lease
    /// ends by itself, so that whoever looks next takes it up.
    /// </summary>
    private async Task KeepLeasesAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var wait = _third;
            try
            {
                await store.Requests.RenewLeaseAsync(options.Name, [.. tickets.InHand(), .. _takingUp], LeaseUntil, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // Others take over once it ends, at the price of duplicates.
                LogNotRenewed(logger, failure);
                wait = _lookDelay < _third ? _lookDelay : _third;
            }
            await Task.Delay(wait, clock, cancellationToken);
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        // Whatever an earlier run under this name left behind is found at once.
        queue.SuspectLost();
        // Measured by time that passes: a clock that is set back must not keep others' effects from being taken up.
        var begun = clock.GetTimestamp();
        long? lookedAt = null;
        while (true)
        {
            try
            {
                // While the clock is wrong it can't be said whose lease has ended.
                if (await clocks.AgreesAsync(cancellationToken))
                    lookedAt = await LookAsync(begun, lookedAt, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // What is saved stays saved; the next round finds it.
                LogFailed(logger, failure);
                _takingUp = [];
                queue.SuspectLost();
            }
            await Task.Delay(_lookDelay, clock, cancellationToken);
        }
    }

    /// <returns>When it was looked last, a time stamp.</returns>
    private async Task<long?> LookAsync(long begun, long? lookedAt, CancellationToken cancellationToken)
    {
        var (suspicions, isSuspect, started) = (unsent.Suspicions(), queue.TakeSuspicion(), clock.GetTimestamp());
        if (!isSuspect && lookedAt is { } looked && clock.GetElapsedTime(looked, started) < _third)
            return lookedAt;
        await ClaimAsync(isSuspect, cancellationToken);
        // The leases of managers that ended before this one began have ended too.
        if (clock.GetElapsedTime(begun, started) >= 3 * _third)
            unsent.Settle(suspicions);
        return started;
    }

    private async Task ClaimAsync(bool includeOwn, CancellationToken cancellationToken)
    {
        while (true)
        {
            // What is open here may come back, as long as it is not sent, so the limit must reach past it.
            var limit = ClaimLimit + tickets.OpenCount;
            var claimed = await store.Requests.ClaimUnsentAsync(
                options.Name, clock.GetUtcNow(), LeaseUntil, includeOwn, limit, cancellationToken);
            _takingUp = [.. claimed.Select(each => each.Ticket).Where(ticket => !tickets.IsKnown(ticket))];
            FailPoint.Reach("outbox.claimed");
            if (claimed.Count == 0)
                return;
            await LeaveToOthersAsync(claimed, cancellationToken);
            await tickets.AllKnownAsync().WaitAsync(cancellationToken);
            var lost = claimed.Where(each => !tickets.IsKnown(each.Ticket)).ToList();
            foreach (var each in lost)
                await TakeUpAsync(each, cancellationToken);
            _takingUp = [];
            if (lost.Count > 0)
                LogTakenUp(logger, lost.Count);
            if (claimed.Count < limit || lost.Count == 0)
                return;
            while (queue.Waiting > options.DispatchHighWater / 2)
                await Task.Delay(_lookDelay, clock, cancellationToken);
        }
    }

    /// <summary>
    /// What this build could not read before it can't read now: its lease, which a claim prolongs, ends at once, or no manager that can read it
    /// would find it between two looks of this one.
    /// </summary>
    private async Task LeaveToOthersAsync(IReadOnlyList<UnsentEffects> claimed, CancellationToken cancellationToken)
    {
        var others = claimed.Select(each => each.Ticket).Where(tickets.IsForOthers).ToList();
        if (others.Count > 0)
            await store.Requests.RenewLeaseAsync(options.Name, others, clock.GetUtcNow(), cancellationToken);
    }

    private async Task TakeUpAsync(UnsentEffects taken, CancellationToken cancellationToken)
    {
        var ids = taken.Entries.Select(entry => entry.RequestId).ToList();
        var committed = new List<CommittedEffects>(ids.Count);
        var unreadable = 0;
        foreach (var (found, entry) in (await requests.LoadAsync(ids, cancellationToken)).Zip(taken.Entries))
        {
            try
            {
                if ((found.Failure is null ? found.Request : throw found.Failure) is { } request)
                    committed.Add(new CommittedEffects(request, [.. EffectCodec.Read(entry.Effects).Where(effect => IsWanted(request, effect))]));
            }
            catch (Exception failure) when (!Outage.Is(failure))
            {
                // One request that can't be loaded or that this build can't read, such as one of a later build, keeps its own effects from
                // being sent and no others.
                unreadable++;
                LogUnreadable(logger, entry.RequestId, failure);
            }
        }
        queue.Add(taken.Ticket, committed, kept: unreadable);
    }

    /// <summary>A finish is told only if the request is still finished: it may have been redriven since.</summary>
    public static bool IsWanted(RunningRequest request, Effect effect) => effect is not Effect.FinishRequest || request.IsFinished;

    [LoggerMessage(Level = LogLevel.Information, Message = "Taking up {Count} commits whose effects are not known to be sent")]
    private static partial void LogTakenUp(ILogger logger, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "Effects of request {RequestId} can't be read; they stay saved for a manager that can, or until the next start")]
    private static partial void LogUnreadable(ILogger logger, Guid requestId, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "The leases of what is in hand were not prolonged; trying again")]
    private static partial void LogNotRenewed(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Saved effects could not be looked at; trying again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
