using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// What follows once the store has answered. Saved: memory follows, effects go on their way, senders are told. Not saved, or not
/// known: nobody has been told anything, and the works are done again with what the store holds.
/// </summary>
internal sealed partial class CommitEnding(
    WorkInbox inbox,
    CommitsUnderWay underWay,
    RunningCache cache,
    SentTickets tickets,
    EffectQueue effects,
    CommitNews news,
    IMillraceStore store,
    DamagedRequests damaged,
    TimeProvider clock,
    ILogger<CommitEnding> logger)
{
    private const int TriesAlone = 5;

    private static readonly TimeSpan FirstRetryDelay = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestRetryDelay = TimeSpan.FromSeconds(5);

    private TimeSpan _retryDelay = FirstRetryDelay;

    public async Task EndAsync(Commit commit, CancellationToken cancellationToken)
    {
        underWay.Release(commit);
        try
        {
            Finish(commit, await commit.Saving);
            commit.Ended.TrySetResult();
            _retryDelay = FirstRetryDelay;
        }
        catch (Exception failure)
        {
            // The loop must outlive whatever a store throws.
            tickets.PutBack(commit.Sent);
            commit.Ended.TrySetResult();
            if (!cancellationToken.IsCancellationRequested)
                await RecoverAsync(commit, failure, cancellationToken);
        }
    }

    /// <summary>Puts the works back and waits a little longer each time.</summary>
    public async Task TryAgainAsync(IEnumerable<QueuedWork> queued, Exception failure, CancellationToken cancellationToken)
    {
        var pending = queued.Where(each => each.Work.Outcome == WorkOutcome.Pending).ToList();
        LogNotSaved(logger, pending.Count, failure);
        inbox.PutBack(pending.Select(each => each with { Tries = each.Tries + 1 }));
        await Task.Delay(_retryDelay, clock, cancellationToken);
        _retryDelay = TimeSpan.FromTicks(Math.Min(_retryDelay.Ticks * 2, LongestRetryDelay.Ticks));
    }

    private void Finish(Commit commit, CommitResult result)
    {
        var conflicts = result.Conflicts.Select(index => commit.Changes[index].After.Id).ToHashSet();
        var committed = new List<CommittedEffects>();
        var saved = new List<PreparedChange>(commit.Changes.Count);
        foreach (var change in commit.Changes)
        {
            var isConflict = conflicts.Contains(change.After.Id);
            if (cache.IsTrusted && change.After.Record.Version > 1)
                cache.Judge(wasBehind: isConflict);
            if (isConflict)
                continue;
            cache.Put(change.After);
            damaged.Mended(change.After.Id);
            saved.Add(change);
            if (!change.Effects.IsEmpty)
                committed.Add(new CommittedEffects(change.After, change.Effects));
        }
        effects.Add(result.Ticket, committed);
        news.Tell(saved);
        FailPoint.Reach("commit.told");
        commit.Group.Tell(conflicts);
        inbox.PutBack(commit.Group.Works
            .Where(each => conflicts.Contains(each.Work.RequestId)).Select(each => each with { MustLoad = true }));
        inbox.PutBack(commit.Behind);
    }

    private async Task RecoverAsync(Commit commit, Exception failure, CancellationToken cancellationToken)
    {
        var works = commit.Group.Works.Select(each => each with { MustLoad = true }).ToList();
        // Perhaps all was saved and only the answer lost: then its effects are in nobody's hands.
        if (failure is not ArgumentException)
            effects.SuspectLost();
        if (await IsRefusedAsync(works, failure, cancellationToken))
        {
            // Bad whenever it is tried: each is saved alone, so that only its own sender is told.
            if (works is [var culprit])
                culprit.Batch.Fail(culprit.Work, failure is ArgumentException ? failure : damaged.Note(culprit.Work.RequestId, failure));
            else
                inbox.PutBack(works.Select(each => each with { Alone = true }));
            inbox.PutBack(commit.Behind);
            return;
        }
        await TryAgainAsync([.. works, .. commit.Behind], failure, cancellationToken);
    }

    /// <summary>
    /// The store refuses what these works change and would save others. What looks like an outage is taken for that only when it lasts although
    /// the store can be written to, and of one work alone only some tries later.
    /// </summary>
    private async Task<bool> IsRefusedAsync(List<QueuedWork> works, Exception failure, CancellationToken cancellationToken)
    {
        if (works.Count == 0 || failure is ArgumentException)
            return works.Count > 0;
        if (Outage.Is(failure) && !works.Exists(each => works.Count > 1 ? each.IsStubborn : each.Tries >= TriesAlone))
            return false;
        try
        {
            await store.CheckAsync(cancellationToken);
            return true;
        }
        catch (Exception unavailable) when (!cancellationToken.IsCancellationRequested)
        {
            // An outage after all, whatever the store said of the commit.
            LogUnavailable(logger, unavailable);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "The store can't be written to")]
    private static partial void LogUnavailable(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} works were not saved; they are tried again")]
    private static partial void LogNotSaved(ILogger logger, int count, Exception failure);
}
