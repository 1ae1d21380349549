using Microsoft.Extensions.Logging;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Loads what works are about and lets the engine decide, all in memory. None of their requests is in a commit.</summary>
internal sealed partial class GroupPreparer(
    RequestLoader requests, RunningCache cache, StepGates gates, StoreClock clock, ILogger<GroupPreparer> logger)
{
    /// <summary>Adds what the works change to the group.</summary>
    /// <returns>Works that must be looked at again with what the store holds.</returns>
    /// <exception cref="Exception">An <see cref="Outage"/>: nothing was decided about any of them.</exception>
    public async Task<IReadOnlyList<QueuedWork>> DecideAsync(
        OpenGroup group, IReadOnlyList<QueuedWork> queued, CancellationToken cancellationToken)
    {
        var loaded = await LoadAsync(group, queued, cancellationToken);
        var now = Now();
        var changed = new List<Draft>(queued.Count);
        var unchanged = new List<QueuedWork>();
        foreach (var each in queued)
        {
            try
            {
                var draft = group.Find(each.Work.RequestId) ?? new Draft(Find(each.Work.RequestId, loaded));
                if (!draft.Apply(each.Work, gates, now))
                {
                    unchanged.Add(each);
                    continue;
                }
                group.Take(each, draft);
                changed.Add(draft);
            }
            catch (Exception failure)
            {
                // One request that can't be decided about must not stop the others: its sender gets the failure.
                LogUndecided(logger, each.Work.RequestId, failure);
                each.Batch.Fail(each.Work, failure);
            }
        }
        foreach (var draft in changed)
            Write(group, draft);
        return Settle(group, unchanged, loaded);
    }

    /// <summary>A birth is not looked up: that its request exists already is rare, and then the commit says so.</summary>
    private async Task<Dictionary<Guid, LoadedRequest>> LoadAsync(
        OpenGroup group, IReadOnlyList<QueuedWork> queued, CancellationToken cancellationToken)
    {
        var loaded = new Dictionary<Guid, LoadedRequest>();
        foreach (var each in queued)
        {
            var id = each.Work.RequestId;
            // What this group has changed already is newer than what is stored; if memory was behind, the commit says so.
            if (group.Find(id) is not null)
                continue;
            if (each.MustLoad)
                cache.Remove(id);
            if ((each.Work.Birth is null || each.MustLoad) && !(cache.IsTrusted && cache.TryGet(id, out _)))
                loaded[id] = default;
        }
        if (loaded.Count == 0)
            return loaded;
        foreach (var found in await requests.LoadAsync([.. loaded.Keys], cancellationToken, queued.Any(each => each.IsStubborn)))
        {
            loaded[found.Id] = found;
            if (found.Request is not { } request)
                continue;
            if (cache.TryGet(request.Id, out var known))
                cache.Judge(wasBehind: known.Record.Version < request.Record.Version);
            cache.Put(request);
        }
        return loaded;
    }

    private RunningRequest? Find(Guid id, Dictionary<Guid, LoadedRequest> loaded)
    {
        if (!loaded.TryGetValue(id, out var found))
            return cache.TryGet(id, out var cached) ? cached : null;
        return found.Failure is null ? found.Request : throw found.Failure;
    }

    private void Write(OpenGroup group, Draft draft)
    {
        try
        {
            draft.Write();
        }
        catch (Exception failure)
        {
            // As above; what it was to be changed by goes with it.
            LogUndecided(logger, draft.Current!.Id, failure);
            foreach (var queued in group.Remove(draft.Current.Id))
                queued.Batch.Fail(queued.Work, failure);
        }
    }

    /// <summary>
    /// Memory may be behind what another manager saved, so a work that seems to mean nothing is looked at again unless its request was
    /// loaded just now; a change needs no such care, for its version tells.
    /// </summary>
    private static List<QueuedWork> Settle(OpenGroup group, List<QueuedWork> unchanged, Dictionary<Guid, LoadedRequest> loaded)
    {
        var again = new List<QueuedWork>();
        foreach (var queued in unchanged)
        {
            if (group.Find(queued.Work.RequestId) is not null)
                group.Settle(queued, WorkOutcome.Unchanged);
            else if (loaded.TryGetValue(queued.Work.RequestId, out var found))
                group.Settle(queued, found.Request is null ? WorkOutcome.UnknownRequest : WorkOutcome.Unchanged);
            else
                again.Add(queued with { MustLoad = true });
        }
        return again;
    }

    /// <summary>The store keeps microseconds; what memory holds must be the same.</summary>
    private DateTimeOffset Now()
    {
        var now = clock.GetUtcNow();
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Nothing could be decided about request {RequestId}")]
    private static partial void LogUndecided(ILogger logger, Guid requestId, Exception failure);
}
