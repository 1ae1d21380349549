using Millrace.Storage.Packing;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Requests whose time has come. A claim stands in the request's document until the request moves or the claim ends: who claimed, and
/// until when no other claim finds it.
/// </summary>
internal static class DueRequests
{
    /// <summary>A transition ends the claim on its request.</summary>
    public static BsonDocument NoClaim { get; } = new("claim", "");

    /// <remarks>
    /// A page is read, then claimed document by document as far as it is still free, then it is read which of them this claim got: of
    /// managers that claim together each takes what the others have not. One that was too late for a whole page takes the next.
    /// </remarks>
    public static async Task<IReadOnlyList<Guid>> ClaimAsync(
        MongoCollections collections, DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken)
    {
        while (await ClaimPageAsync(collections, now, leaseUntil, limit, cancellationToken) is { } got)
        {
            if (got.Count > 0)
                return got.ConvertAll(id => Guid.ParseExact(id, "D"));
        }
        return [];
    }

    /// <returns>What this claim got of the page; null if nothing was due.</returns>
    private static async Task<List<string>?> ClaimPageAsync(
        MongoCollections collections, DateTimeOffset now, DateTimeOffset leaseUntil, int limit, CancellationToken cancellationToken)
    {
        var due = new BsonDocument
        {
            ["status"] = "running",
            ["due_at"] = new BsonDocument("$lte", Micros.From(now)),
            ["claim.until"] = new BsonDocument("$not", new BsonDocument("$gt", Micros.From(now))),
        };
        var page = new BsonArray(await FindAsync(collections, due, limit, cancellationToken));
        if (page.Count == 0)
            return null;
        var claim = new BsonDocument { ["by"] = ObjectId.GenerateNewId(), ["until"] = Micros.From(leaseUntil) };
        var these = new BsonDocument("_id", new BsonDocument("$in", page));
        await collections.Requests.UpdateManyAsync(
            new BsonDocument(these).Merge(due), new BsonDocument("$set", new BsonDocument("claim", claim)), cancellationToken: cancellationToken);
        return await FindAsync(collections, these.Add("claim.by", claim["by"]), limit, cancellationToken);
    }

    private static async Task<List<string>> FindAsync(
        MongoCollections collections, BsonDocument filter, int limit, CancellationToken cancellationToken)
    {
        using var cursor = await collections.Requests.FindAsync(
            filter,
            new FindOptions<BsonDocument>
            {
                Sort = new BsonDocument { ["due_at"] = 1, ["_id"] = 1 },
                Limit = limit,
                Projection = new BsonDocument("_id", 1),
            },
            cancellationToken);
        return (await cursor.ToListAsync(cancellationToken)).ConvertAll(document => document["_id"].AsString);
    }
}
