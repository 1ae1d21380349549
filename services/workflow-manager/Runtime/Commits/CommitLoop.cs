using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// The one place where requests change. What is there is taken together, decided in memory and saved in one transaction; only
/// then are effects handed on and senders told. No timer: a group is what came while the one before was saved.
/// </summary>
internal sealed partial class CommitLoop(
    WorkInbox inbox,
    GroupPreparer preparer,
    RunningCache cache,
    IMillraceStore store,
    SentTickets tickets,
    EffectQueue effects,
    CommitNews news,
    RuntimeMeter meter,
    WorkflowManagerOptions options,
    TimeProvider clock,
    ILogger<CommitLoop> logger)
{
    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private TimeSpan _retryDelay = FirstRetryDelay;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (await inbox.WaitAsync(tickets, cancellationToken))
        {
            var queued = inbox.Take();
            try
            {
                await SaveAsync(queued, cancellationToken);
                _retryDelay = FirstRetryDelay;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // The loop must outlive whatever a store throws; the works are done again, and nobody has been told anything.
                await RecoverAsync(queued, failure, cancellationToken);
            }
        }
    }

    /// <summary>Forgets what has been sent; for the end, when no other commit follows.</summary>
    public Task FlushAsync(CancellationToken cancellationToken) => CommitAsync(new PreparedGroup(), cancellationToken);

    private async Task SaveAsync(IReadOnlyList<QueuedWork> queued, CancellationToken cancellationToken)
    {
        var group = await preparer.PrepareAsync(queued, cancellationToken);
        var conflicts = await CommitAsync(group, cancellationToken);
        group.Tell(conflicts);
        inbox.PutBack(group.Again);
        inbox.PutBack(group.Of(conflicts).Select(each => each with { MustLoad = true }));
    }

    private async Task<IReadOnlySet<Guid>> CommitAsync(PreparedGroup group, CancellationToken cancellationToken)
    {
        var sent = tickets.Take();
        if (group.Changes.Count == 0 && sent.Count == 0)
            return new HashSet<Guid>();
        try
        {
            var started = clock.GetTimestamp();
            var leaseUntil = clock.GetUtcNow().AddSeconds(options.LeaseSeconds);
            var result = await store.Requests.CommitAsync(
                [.. group.Changes.Select(change => change.Change)], sent, options.Name, leaseUntil, cancellationToken);
            meter.Committed(group.Changes.Count - result.Conflicts.Count, clock.GetElapsedTime(started));
            return Finish(group, result);
        }
        catch
        {
            tickets.PutBack(sent);
            throw;
        }
    }

    /// <summary>Saved: memory follows, effects go on their way.</summary>
    private HashSet<Guid> Finish(PreparedGroup group, CommitResult result)
    {
        var conflicts = result.Conflicts.Select(index => group.Changes[index].Change.Record.Id).ToHashSet();
        var committed = new List<CommittedEffects>();
        var saved = new List<PreparedChange>(group.Changes.Count);
        foreach (var change in group.Changes)
        {
            var after = change.After;
            if (conflicts.Contains(after.Id))
                continue;
            cache.Put(after);
            saved.Add(change);
            if (!change.Effects.IsEmpty)
                committed.Add(new CommittedEffects(after, change.Effects));
        }
        effects.Add(result.Ticket, committed);
        news.Tell(saved);
        return conflicts;
    }

    private async Task RecoverAsync(IReadOnlyList<QueuedWork> queued, Exception failure, CancellationToken cancellationToken)
    {
        // A refused change is bad whenever it is tried: each is saved alone, so that only its own sender is told.
        var isRefused = failure is ArgumentException;
        if (isRefused && queued.Count == 1)
        {
            queued[0].Batch.Fail(queued[0].Work, failure);
            return;
        }
        LogNotSaved(logger, queued.Count, failure);
        inbox.PutBack(queued.Where(each => each.Work.Outcome == WorkOutcome.Pending)
            .Select(each => each with { MustLoad = true, Alone = isRefused }));
        if (isRefused)
            return;
        // Perhaps all was saved and only the answer lost: then its effects are in nobody's hands.
        effects.SuspectLost();
        await Task.Delay(_retryDelay, clock, cancellationToken);
        _retryDelay = TimeSpan.FromTicks(Math.Min(_retryDelay.Ticks * 2, LongestRetryDelay.Ticks));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} works were not saved; they are tried again")]
    private static partial void LogNotSaved(ILogger logger, int count, Exception failure);
}
