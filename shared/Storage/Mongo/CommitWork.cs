using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// A group of transitions in this order: the lease of its effects, large bodies, the requests (one unordered bulk write with
/// version filters), counters, what was sent. Whatever it is cut off after, nothing is named that is not there, and effects
/// that were saved are found by their lease.
/// </summary>
internal sealed class CommitWork(
    MongoCollections collections, Outbox outbox, UnclearCounts unclear, IReadOnlyList<RequestChange> changes, long commit,
    CancellationToken cancellationToken)
{
    /// <summary>A request's document keeps about this many entries; older ones move to the journal.</summary>
    private const int EntriesKept = 256;

    private readonly HashSet<int> _conflicts = [];

    /// <summary>Places of the changes that would have made their request's document larger than one may be.</summary>
    private readonly HashSet<int> _tooLarge = [];

    /// <exception cref="ArgumentException">
    /// Some requests grew too large. The others are saved; their effects are in nobody's hands, and so the next claim's.
    /// </exception>
    public async Task<CommitResult> RunAsync(IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil)
    {
        try
        {
            return await SaveAsync(sent, owner, leaseUntil);
        }
        catch
        {
            outbox.Forget(commit);
            unclear.Add(commit, changes);
            throw;
        }
    }

    private async Task<CommitResult> SaveAsync(IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil)
    {
        var hasEffects = changes.Any(c => !c.Effects.IsEmpty);
        if (hasEffects)
            await outbox.AddAsync(commit, owner, leaseUntil, cancellationToken);
        var bodies = new List<BsonDocument>();
        var writes = changes.Select(change => Write(change, bodies)).ToList();
        if (bodies.Count > 0)
            await collections.Bodies.InsertManyAsync(bodies, cancellationToken: cancellationToken);
        if (writes.Count > 0)
            await WriteAsync(writes);
        if (bodies.Count > 0 && _conflicts.Count + _tooLarge.Count > 0)
            await RemoveBodiesAsync(bodies);
        var saved = changes.Where((_, place) => !_conflicts.Contains(place) && !_tooLarge.Contains(place)).ToList();
        await MoveCountersAsync(saved);
        foreach (var change in saved.Where(c => c.Record.Version % EntriesKept == 0))
            await Journal.MoveOldEntriesAsync(collections, change.Record, cancellationToken);
        var withEffects = saved.Where(c => !c.Effects.IsEmpty).Select(c => RequestDocuments.Id(c.Record.Id)).ToList();
        if (_tooLarge.Count > 0)
            await RefuseAsync(hasEffects, owner);
        if (hasEffects)
            outbox.Remember(commit, withEffects);
        var isUnused = hasEffects && withEffects.Count == 0;
        await outbox.RemoveAsync([.. sent.Select(t => t.Id), .. isUnused ? [commit] : Array.Empty<long>()], owner, cancellationToken);
        return new CommitResult([.. _conflicts.Order()], hasEffects && !isUnused ? new OutboxTicket(commit, owner) : OutboxTicket.None);
    }

    private async Task RefuseAsync(bool hasEffects, string owner)
    {
        if (hasEffects)
            await outbox.GiveUpAsync([commit], owner, cancellationToken);
        throw DocumentSize.Refused(_tooLarge.Order().Select(place => changes[place].Record.Id));
    }

    private WriteModel<BsonDocument> Write(RequestChange change, List<BsonDocument> bodies)
    {
        var record = change.Record;
        var entries = new BsonArray { EntryDocuments.Entry(change, commit, bodies) };
        var unsent = change.Effects.IsEmpty ? new BsonArray() : new BsonArray { EntryDocuments.Unsent(change, commit, bodies) };
        if (record.Version == 1)
            return new InsertOneModel<BsonDocument>(RequestDocuments.New(record).Add("entries", entries).Add("unsent", unsent));
        return new UpdateOneModel<BsonDocument>(
            RequestDocuments.Filter(record.Id).Add("v", record.Version - 1),
            new BsonDocument
            {
                ["$set"] = RequestDocuments.Moving(record),
                ["$unset"] = DueRequests.NoClaim,
                ["$push"] = new BsonDocument
                {
                    ["entries"] = new BsonDocument("$each", entries),
                    ["unsent"] = new BsonDocument("$each", unsent),
                },
            });
    }

    private async Task WriteAsync(List<WriteModel<BsonDocument>> writes)
    {
        BulkWriteResult<BsonDocument> result;
        try
        {
            result = await collections.Requests.BulkWriteAsync(writes, new BulkWriteOptions { IsOrdered = false }, cancellationToken);
        }
        catch (MongoBulkWriteException<BsonDocument> error) when (error.WriteConcernError is null && error.WriteErrors.All(IsRefusal))
        {
            foreach (var refused in error.WriteErrors)
                (DocumentSize.IsTooLarge(refused.Code) ? _tooLarge : _conflicts).Add(refused.Index);
            result = error.Result;
        }
        if (result.MatchedCount < changes.Where((c, place) => c.Record.Version > 1 && !_tooLarge.Contains(place)).Count())
            await AddStaleAsync();
    }

    private static bool IsRefusal(BulkWriteError error) =>
        error.Category == ServerErrorCategory.DuplicateKey || DocumentSize.IsTooLarge(error.Code);

    // The answer only counts what matched; which ones did not is seen by the entries that this commit did not leave.
    private async Task AddStaleAsync()
    {
        var saved = await SavedTransitions.FindAsync(collections, commit, changes.Select(c => c.Record.Id), cancellationToken);
        for (var place = 0; place < changes.Count; place++)
        {
            if (!_tooLarge.Contains(place) && !saved.Contains(RequestDocuments.Id(changes[place].Record.Id)))
                _conflicts.Add(place);
        }
    }

    private async Task RemoveBodiesAsync(List<BsonDocument> bodies)
    {
        var lost = _conflicts.Concat(_tooLarge).Select(place => RequestDocuments.Id(changes[place].Record.Id)).ToHashSet();
        var ids = bodies.Where(body => lost.Contains(body["request"].AsString)).Select(body => body["_id"]);
        await collections.Bodies.DeleteManyAsync(new BsonDocument("_id", new BsonDocument("$in", new BsonArray(ids))), cancellationToken);
    }

    private Task MoveCountersAsync(List<RequestChange> saved)
    {
        var totals = new CountTotals();
        saved.ForEach(change => totals.Add(change.Counts));
        return Counters.MoveAsync(collections, totals.Moved(), commit, cancellationToken);
    }
}
