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
internal sealed class CommitWork(MongoCollections collections, IReadOnlyList<RequestChange> changes, long commit, CancellationToken cancellationToken)
{
    /// <summary>A request's document keeps about this many entries; older ones move to the journal.</summary>
    private const int EntriesKept = 256;

    public async Task<CommitResult> RunAsync(IReadOnlyList<OutboxTicket> sent, string owner, DateTimeOffset leaseUntil)
    {
        var hasEffects = changes.Any(c => !c.Effects.IsEmpty);
        if (hasEffects)
            await Outbox.AddAsync(collections, commit, owner, leaseUntil, cancellationToken);
        var bodies = new List<BsonDocument>();
        var writes = changes.Select(change => Write(change, bodies)).ToList();
        if (bodies.Count > 0)
            await collections.Bodies.InsertManyAsync(bodies, cancellationToken: cancellationToken);
        var conflicts = writes.Count == 0 ? [] : await WriteAsync(writes);
        if (bodies.Count > 0 && conflicts.Count > 0)
            await RemoveBodiesAsync(bodies, conflicts);
        var saved = changes.Where((_, place) => !conflicts.Contains(place)).ToList();
        await MoveCountersAsync(saved);
        foreach (var change in saved.Where(c => c.Record.Version % EntriesKept == 0))
            await Journal.MoveOldEntriesAsync(collections, change.Record, cancellationToken);
        var isUnused = hasEffects && saved.TrueForAll(c => c.Effects.IsEmpty);
        await Outbox.RemoveAsync(collections, [.. sent.Select(t => t.Id), .. isUnused ? [commit] : Array.Empty<long>()], cancellationToken);
        return new CommitResult([.. conflicts.Order()], hasEffects && !isUnused ? new OutboxTicket(commit, owner) : OutboxTicket.None);
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
                ["$push"] = new BsonDocument
                {
                    ["entries"] = new BsonDocument("$each", entries),
                    ["unsent"] = new BsonDocument("$each", unsent),
                },
            });
    }

    private async Task<HashSet<int>> WriteAsync(List<WriteModel<BsonDocument>> writes)
    {
        var conflicts = new HashSet<int>();
        BulkWriteResult<BsonDocument> result;
        try
        {
            result = await collections.Requests.BulkWriteAsync(writes, new BulkWriteOptions { IsOrdered = false }, cancellationToken);
        }
        catch (MongoBulkWriteException<BsonDocument> error) when (
            error.WriteConcernError is null && error.WriteErrors.All(e => e.Category == ServerErrorCategory.DuplicateKey))
        {
            conflicts.UnionWith(error.WriteErrors.Select(e => e.Index));
            result = error.Result;
        }
        if (result.MatchedCount < changes.Count(c => c.Record.Version > 1))
            await AddStaleAsync(conflicts);
        return conflicts;
    }

    // The answer only counts what matched; which ones did not is seen by the entries that this commit did not leave.
    private async Task AddStaleAsync(HashSet<int> conflicts)
    {
        var filter = new BsonDocument
        {
            ["_id"] = new BsonDocument("$in", new BsonArray(changes.Select(c => RequestDocuments.Id(c.Record.Id)))),
            ["entries.c"] = commit,
        };
        using var found = await collections.Requests.FindAsync(
            filter, new FindOptions<BsonDocument> { Projection = new BsonDocument("_id", 1) }, cancellationToken);
        var saved = (await found.ToListAsync(cancellationToken)).Select(d => d["_id"].AsString).ToHashSet();
        for (var place = 0; place < changes.Count; place++)
        {
            if (!saved.Contains(RequestDocuments.Id(changes[place].Record.Id)))
                conflicts.Add(place);
        }
    }

    private async Task RemoveBodiesAsync(List<BsonDocument> bodies, HashSet<int> conflicts)
    {
        var lost = conflicts.Select(place => RequestDocuments.Id(changes[place].Record.Id)).ToHashSet();
        var ids = bodies.Where(body => lost.Contains(body["request"].AsString)).Select(body => body["_id"]);
        await collections.Bodies.DeleteManyAsync(new BsonDocument("_id", new BsonDocument("$in", new BsonArray(ids))), cancellationToken);
    }

    private Task MoveCountersAsync(List<RequestChange> saved)
    {
        var totals = new CountTotals();
        saved.ForEach(change => totals.Add(change.Counts));
        return Counters.MoveAsync(collections, totals.Moved(), cancellationToken);
    }
}
