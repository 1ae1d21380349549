using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Leases of commits with effects. A lease is written before the effects, which stand in the requests' documents, and removed
/// after them.
/// </summary>
internal static class Outbox
{
    /// <summary>A lease without effects is a commit cut off, or one still on its way; after this long it can only be the first.</summary>
    private static readonly TimeSpan EmptyLeaseKept = TimeSpan.FromHours(1);

    public static Task AddAsync(
        MongoCollections collections, long commit, string owner, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        collections.Outbox.InsertOneAsync(
            new BsonDocument { ["_id"] = commit, ["owner"] = owner, ["lease_until"] = Micros.From(leaseUntil) }, cancellationToken: cancellationToken);

    public static async Task RemoveAsync(MongoCollections collections, IReadOnlyList<long> commits, CancellationToken cancellationToken)
    {
        if (commits.Count == 0)
            return;
        var these = new BsonDocument("$in", new BsonArray(commits));
        await collections.Requests.UpdateManyAsync(
            new BsonDocument("unsent.c", these), new BsonDocument("$pull", new BsonDocument("unsent", new BsonDocument("c", these))),
            cancellationToken: cancellationToken);
        await collections.Outbox.DeleteManyAsync(new BsonDocument("_id", these), cancellationToken);
    }

    public static Task<UpdateResult> RenewAsync(
        MongoCollections collections, string owner, DateTimeOffset leaseUntil, CancellationToken cancellationToken) =>
        collections.Outbox.UpdateManyAsync(
            new BsonDocument("owner", owner), new BsonDocument("$set", new BsonDocument("lease_until", Micros.From(leaseUntil))),
            cancellationToken: cancellationToken);

    public static async Task<IReadOnlyList<UnsentEffects>> ClaimAsync(
        MongoCollections collections, string owner, DateTimeOffset now, DateTimeOffset leaseUntil, bool includeOwn, int limit,
        CancellationToken cancellationToken)
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
            var effects = await ReadAsync(collections, new OutboxTicket(last, owner), cancellationToken);
            if (effects.Entries.Count > 0)
                claimed.Add(effects);
            else
                await DropEmptyAsync(collections, lease, now, cancellationToken);
        }
        return claimed;
    }

    private static async Task<UnsentEffects> ReadAsync(MongoCollections collections, OutboxTicket ticket, CancellationToken cancellationToken)
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
        return new UnsentEffects(ticket, entries);
    }

    // What was taken over by mistake is given back as it was, or removed when it is old.
    private static Task DropEmptyAsync(MongoCollections collections, BsonDocument lease, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var one = new BsonDocument("_id", lease["_id"]);
        return Micros.ToTime(lease["lease_until"].ToInt64()) < now - EmptyLeaseKept
            ? collections.Outbox.DeleteOneAsync(one, cancellationToken)
            : collections.Outbox.ReplaceOneAsync(one, lease, cancellationToken: cancellationToken);
    }
}
