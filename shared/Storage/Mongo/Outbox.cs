using System.Collections.Concurrent;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Leases of commits with effects. A lease is written before the effects, which stand in the requests' documents, and removed
/// after them.
/// </summary>
internal sealed class Outbox(MongoCollections collections)
{
    /// <summary>A lease without effects is a commit cut off, or one still on its way; after this long it can only be the first.</summary>
    private static readonly TimeSpan EmptyLeaseKept = TimeSpan.FromHours(1);

    /// <summary>
    /// Of each commit whose effects this manager has in its hands, the requests that they stand in; none yet for one on its way. What
    /// comes to stand under the same lease later, because its commit was still on its way, is not among them and is not taken away with
    /// them.
    /// </summary>
    private readonly ConcurrentDictionary<long, IReadOnlyList<string>> _inHand = [];

    public Task AddAsync(long commit, string owner, DateTimeOffset leaseUntil, CancellationToken cancellationToken)
    {
        _inHand[commit] = [];
        return collections.Outbox.InsertOneAsync(
            new BsonDocument { ["_id"] = commit, ["owner"] = owner, ["lease_until"] = Micros.From(leaseUntil) }, cancellationToken: cancellationToken);
    }

    /// <summary>The commit is saved: these requests hold its effects.</summary>
    public void Remember(long commit, IReadOnlyList<string> requests) => _inHand[commit] = requests;

    /// <summary>The commit failed: its lease is left to end, and what it has saved or saves yet is the next claim's.</summary>
    public void Forget(long commit) => _inHand.TryRemove(commit, out _);

    /// <summary>Ends leases of this owner, so that the next claim takes them.</summary>
    public Task GiveUpAsync(IReadOnlyList<long> commits, string owner, CancellationToken cancellationToken) => collections.Outbox.UpdateManyAsync(
        new BsonDocument { ["_id"] = new BsonDocument("$in", new BsonArray(commits)), ["owner"] = owner },
        new BsonDocument("$set", new BsonDocument { ["owner"] = "", ["lease_until"] = 0L }),
        cancellationToken: cancellationToken);

    /// <summary>
    /// Takes away the effects that were in hand, and each lease under which nothing else stands; what does is the next claim's.
    /// </summary>
    public async Task RemoveAsync(IReadOnlyList<long> commits, string owner, CancellationToken cancellationToken)
    {
        if (commits.Count == 0)
            return;
        var these = new BsonDocument("$in", new BsonArray(commits));
        var pulls = commits.Where(_inHand.ContainsKey).Select(Pull).ToList();
        if (pulls.Count > 0)
            await collections.Requests.BulkWriteAsync(pulls, new BulkWriteOptions { IsOrdered = false }, cancellationToken);
        using var found = await collections.Requests.FindAsync(
            new BsonDocument("unsent.c", these), new FindOptions<BsonDocument> { Projection = new BsonDocument("unsent.c", 1) }, cancellationToken);
        var left = (await found.ToListAsync(cancellationToken))
            .SelectMany(request => request["unsent"].AsBsonArray, (_, unsent) => unsent["c"].ToInt64()).Intersect(commits).ToList();
        if (left.Count > 0)
            await GiveUpAsync(left, owner, cancellationToken);
        await collections.Outbox.DeleteManyAsync(
            new BsonDocument("_id", new BsonDocument("$in", new BsonArray(commits.Except(left)))), cancellationToken);
        foreach (var commit in commits)
            _inHand.TryRemove(commit, out _);
    }

    /// <summary>Prolongs the leases of what is in hand or on its way. One that nobody here will ever end must end by itself.</summary>
    public Task<UpdateResult> RenewAsync(
        string owner, IReadOnlyList<OutboxTicket> inHand, DateTimeOffset leaseUntil, CancellationToken cancellationToken)
    {
        var commits = inHand.Select(ticket => ticket.Id).Concat(_inHand.Where(pair => pair.Value.Count == 0).Select(pair => pair.Key));
        return collections.Outbox.UpdateManyAsync(
            new BsonDocument { ["_id"] = new BsonDocument("$in", new BsonArray(commits)), ["owner"] = owner },
            new BsonDocument("$set", new BsonDocument("lease_until", Micros.From(leaseUntil))),
            cancellationToken: cancellationToken);
    }

    public async Task<IReadOnlyList<UnsentEffects>> ClaimAsync(
        string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit, CancellationToken cancellationToken)
    {
        var ended = new BsonDocument("lease_until", new BsonDocument("$lte", Micros.From(now)));
        var free = includeOwn ? new BsonDocument("$or", new BsonArray { ended, new BsonDocument("owner", owner) }) : ended;
        var claimed = new List<UnsentEffects>();
        var last = 0L;
        while (claimed.Count < limit)
        {
            // One step a lease: of managers that claim together each takes what the others have not.
            var lease = await collections.Outbox.FindOneAndUpdateAsync(
                new BsonDocument(free) { ["_id"] = new BsonDocument("$gt", last) },
                new BsonDocument("$set", new BsonDocument { ["owner"] = owner, ["lease_until"] = Micros.From(leaseUntil) }),
                new FindOneAndUpdateOptions<BsonDocument> { Sort = new BsonDocument("_id", 1) }, cancellationToken);
            if (lease is null)
                break;
            last = lease["_id"].ToInt64();
            var effects = await ReadAsync(new OutboxTicket(last, owner), cancellationToken);
            if (effects.Entries.Count > 0)
                claimed.Add(effects);
            else
                await DropEmptyAsync(lease, now, cancellationToken);
        }
        return claimed;
    }

    private UpdateManyModel<BsonDocument> Pull(long commit) => new(
        new BsonDocument { ["_id"] = new BsonDocument("$in", new BsonArray(_inHand[commit])), ["unsent.c"] = commit },
        new BsonDocument("$pull", new BsonDocument("unsent", new BsonDocument("c", commit))));

    private async Task<UnsentEffects> ReadAsync(OutboxTicket ticket, CancellationToken cancellationToken)
    {
        using var found = await collections.Requests.FindAsync(
            new BsonDocument("unsent.c", ticket.Id),
            new FindOptions<BsonDocument> { Projection = new BsonDocument("unsent", 1), Sort = new BsonDocument("_id", 1) }, cancellationToken);
        var entries = new List<(Guid, ReadOnlyMemory<byte>)>();
        foreach (var request in await found.ToListAsync(cancellationToken))
        {
            var unsent = request["unsent"].AsBsonArray.Select(u => u.AsBsonDocument).First(u => u["c"].ToInt64() == ticket.Id);
            entries.Add((
                Guid.ParseExact(request["_id"].AsString, "D"), await BodyParts.GetAsync(collections, unsent, "e", cancellationToken)));
        }
        // Once in hand, what is found again under the lease adds nothing to it: only what was handed out first is known to be sent.
        if (entries.Count > 0)
            _inHand.TryAdd(ticket.Id, [.. entries.Select(entry => RequestDocuments.Id(entry.Item1))]);
        return new UnsentEffects(ticket, entries);
    }

    // What was taken over by mistake is given back as it was, or removed when it is old.
    private Task DropEmptyAsync(BsonDocument lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var one = new BsonDocument("_id", lease["_id"]);
        return Micros.ToTime(lease["lease_until"].ToInt64()) < now - EmptyLeaseKept
            ? collections.Outbox.DeleteOneAsync(one, cancellationToken)
            : collections.Outbox.ReplaceOneAsync(one, lease, cancellationToken: cancellationToken);
    }
}
