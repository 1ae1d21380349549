using Microsoft.Extensions.Logging;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Loads what a group of works is about and lets the engine decide, all in memory.</summary>
internal sealed partial class GroupPreparer(
    IRequestStore store, RunningCache cache, WorkflowCatalog catalog, StepGates gates, TimeProvider clock, ILogger<GroupPreparer> logger)
{
    public async Task<PreparedGroup> PrepareAsync(IReadOnlyList<QueuedWork> queued, CancellationToken cancellationToken)
    {
        var broken = new Dictionary<Guid, Exception>();
        var loaded = await LoadAsync(queued, broken, cancellationToken);
        var now = clock.GetUtcNow();
        var group = new PreparedGroup();
        // The store keeps microseconds; what memory holds must be the same.
        now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        foreach (var byRequest in queued.GroupBy(each => each.Work.RequestId))
        {
            if (broken.TryGetValue(byRequest.Key, out var failure))
                PreparedGroup.Fail([.. byRequest], failure);
            else
                Decide(group, byRequest.Key, [.. byRequest], now, isFresh: loaded.Contains(byRequest.Key));
        }
        // Finished requests are of no further use; running ones stay for their next event.
        foreach (var id in loaded)
            cache.RemoveIfFinished(id);
        return group;
    }

    /// <summary>A birth is not looked up: that its request exists already is rare, and then the commit says so.</summary>
    private async Task<HashSet<Guid>> LoadAsync(
        IReadOnlyList<QueuedWork> queued, Dictionary<Guid, Exception> broken, CancellationToken cancellationToken)
    {
        var missing = new HashSet<Guid>();
        foreach (var each in queued)
        {
            if (each.MustLoad)
                cache.Remove(each.Work.RequestId);
            if ((each.Work.Birth is null || each.MustLoad) && !cache.TryGet(each.Work.RequestId, out _))
                missing.Add(each.Work.RequestId);
        }
        if (missing.Count == 0)
            return missing;
        foreach (var stored in await store.LoadAsync([.. missing], cancellationToken))
        {
            if (stored is not null)
                await RememberAsync(stored, broken, cancellationToken);
        }
        return missing;
    }

    private async Task RememberAsync(StoredRequest stored, Dictionary<Guid, Exception> broken, CancellationToken cancellationToken)
    {
        try
        {
            cache.PutLoaded(await RunningRequest.ReadAsync(stored, catalog, cancellationToken));
        }
        catch (InvalidDataException failure)
        {
            LogUndecided(logger, stored.Record.Id, failure);
            broken[stored.Record.Id] = failure;
        }
    }

    /// <param name="isFresh">
    /// Loaded just now. Otherwise memory may be behind what another manager saved, and a work that seems to mean nothing must be
    /// looked at again; a change needs no such care, for its version tells.
    /// </param>
    private void Decide(PreparedGroup group, Guid id, IReadOnlyList<QueuedWork> queued, DateTimeOffset now, bool isFresh)
    {
        cache.TryGet(id, out var before);
        var draft = new Draft(before);
        var unchanged = new List<QueuedWork>();
        foreach (var each in queued)
        {
            try
            {
                if (draft.Apply(each.Work, gates, now))
                    group.Take(each);
                else
                    unchanged.Add(each);
            }
            catch (Exception failure)
            {
                // One request that can't be decided about must not stop the others: its sender gets the failure.
                LogUndecided(logger, id, failure);
                PreparedGroup.Fail([each], failure);
            }
        }
        if (draft.HasChanged)
            group.Add(ChangeWriter.Write(before, draft.Current!, draft.Effects, draft.Timeline));
        foreach (var each in unchanged)
        {
            if (draft.HasChanged || isFresh)
                group.Settle(each, draft.Current is null ? WorkOutcome.UnknownRequest : WorkOutcome.Unchanged);
            else
                group.LookAgain(each);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Nothing could be decided about request {RequestId}")]
    private static partial void LogUndecided(ILogger logger, Guid requestId, Exception failure);
}
