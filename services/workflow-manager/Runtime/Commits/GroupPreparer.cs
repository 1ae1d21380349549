using Microsoft.Extensions.Logging;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Loads what works are about and lets the engine decide, all in memory. None of their requests is in a commit.</summary>
internal sealed partial class GroupPreparer(
    IRequestStore store, RunningCache cache, WorkflowCatalog catalog, StepGates gates, TimeProvider clock, ILogger<GroupPreparer> logger)
{
    /// <summary>Adds what the works change to the group.</summary>
    /// <returns>Works that must be looked at again with what the store holds.</returns>
    public async Task<IReadOnlyList<QueuedWork>> DecideAsync(
        OpenGroup group, IReadOnlyList<QueuedWork> queued, CancellationToken cancellationToken)
    {
        var loaded = await LoadAsync(group, queued, cancellationToken);
        var round = new Round(group, loaded, Now());
        foreach (var each in queued)
            Decide(round, each);
        foreach (var draft in round.Changed)
            Write(group, draft);
        return Settle(round);
    }

    /// <summary>A birth is not looked up: that its request exists already is rare, and then the commit says so.</summary>
    private async Task<Dictionary<Guid, Loaded>> LoadAsync(
        OpenGroup group, IReadOnlyList<QueuedWork> queued, CancellationToken cancellationToken)
    {
        var loaded = new Dictionary<Guid, Loaded>();
        foreach (var each in queued)
        {
            var id = each.Work.RequestId;
            // What this group has changed already is newer than what is stored; if memory was behind, the commit says so.
            if (group.Find(id) is not null)
                continue;
            if (each.MustLoad)
                cache.Remove(id);
            if ((each.Work.Birth is null || each.MustLoad) && !cache.TryGet(id, out _))
                loaded[id] = default;
        }
        if (loaded.Count == 0)
            return loaded;
        foreach (var stored in await store.LoadAsync([.. loaded.Keys], cancellationToken))
        {
            if (stored is not null)
                loaded[stored.Record.Id] = await ReadAsync(stored, cancellationToken);
        }
        return loaded;
    }

    private async Task<Loaded> ReadAsync(StoredRequest stored, CancellationToken cancellationToken)
    {
        try
        {
            var request = await RunningRequest.ReadAsync(stored, catalog, cancellationToken);
            cache.Put(request);
            return new Loaded(request, null);
        }
        catch (InvalidDataException failure)
        {
            return new Loaded(null, failure);
        }
    }

    private void Decide(Round round, QueuedWork queued)
    {
        var id = queued.Work.RequestId;
        try
        {
            if (round.Loaded.TryGetValue(id, out var loaded) && loaded.Failure is { } failure)
                throw failure;
            var draft = round.DraftOf(id, cache);
            if (draft.Apply(queued.Work, gates, round.Now))
                round.Change(queued, draft);
            else
                round.Unchanged.Add((queued, draft));
        }
        catch (Exception failure)
        {
            // One request that can't be decided about must not stop the others: its sender gets the failure.
            LogUndecided(logger, id, failure);
            queued.Batch.Fail(queued.Work, failure);
        }
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
    private static List<QueuedWork> Settle(Round round)
    {
        var again = new List<QueuedWork>();
        foreach (var (queued, draft) in round.Unchanged)
        {
            if (draft.HasChanged || round.Loaded.ContainsKey(queued.Work.RequestId))
                round.Group.Settle(queued, draft.Current is null ? WorkOutcome.UnknownRequest : WorkOutcome.Unchanged);
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

    /// <param name="Request">Null if there is none, or it can't be read.</param>
    private readonly record struct Loaded(RunningRequest? Request, Exception? Failure);

    /// <summary>One stretch of works on its way into the group.</summary>
    private sealed class Round(OpenGroup group, Dictionary<Guid, Loaded> loaded, DateTimeOffset now)
    {
        private readonly Dictionary<Guid, Draft> _drafts = [];

        public OpenGroup Group => group;

        public Dictionary<Guid, Loaded> Loaded => loaded;

        public DateTimeOffset Now => now;

        public HashSet<Draft> Changed { get; } = [];

        public List<(QueuedWork Queued, Draft Draft)> Unchanged { get; } = [];

        public Draft DraftOf(Guid id, RunningCache cache)
        {
            if (group.Find(id) is { } open)
                return open;
            if (_drafts.TryGetValue(id, out var known))
                return known;
            var before = loaded.TryGetValue(id, out var found) ? found.Request : cache.TryGet(id, out var cached) ? cached : null;
            return _drafts[id] = new Draft(before);
        }

        public void Change(QueuedWork queued, Draft draft)
        {
            group.Take(queued, draft);
            Changed.Add(draft);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Nothing could be decided about request {RequestId}")]
    private static partial void LogUndecided(ILogger logger, Guid requestId, Exception failure);
}
