using Millrace.Storage.Packing;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Removes finished requests one by one, the deepest children first and the request's own document last: cut off anywhere, the
/// next round finds it again. Whoever removes the document also takes it out of the counts.
/// </summary>
internal sealed class Retention(MongoCollections collections, CancellationToken cancellationToken)
{
    private const int ChildrenAtOnce = 200;

    public async Task<int> RunAsync(string workflow, DateTimeOffset finishedBefore, int limit)
    {
        var before = Micros.From(finishedBefore);
        var filter = new BsonDocument
        {
            ["top"] = true,
            ["workflow"] = RequestDocuments.Text(workflow),
            ["status"] = new BsonDocument("$in", new BsonArray { "completed", "failed", "cancelled" }),
            ["created_at"] = new BsonDocument("$lt", before),
            ["finished_at"] = new BsonDocument("$lt", before),
        };
        var removed = 0;
        foreach (var request in await FindAsync(filter, limit))
        {
            if (await RemoveAsync(request))
                removed++;
        }
        return removed;
    }

    private async Task<List<BsonDocument>> FindAsync(BsonDocument filter, int limit)
    {
        using var found = await collections.Requests.FindAsync(filter, new FindOptions<BsonDocument> { Limit = limit }, cancellationToken);
        return await found.ToListAsync(cancellationToken);
    }

    private async Task<bool> RemoveAsync(BsonDocument request)
    {
        var children = new BsonDocument { ["top"] = false, ["parent"] = request["_id"] };
        while (await FindAsync(children, ChildrenAtOnce) is { Count: > 0 } some)
        {
            foreach (var child in some)
                await RemoveAsync(child);
        }
        var totals = new CountTotals();
        foreach (var entry in await Journal.ReadAsync(collections, request, ["k"], 0, cancellationToken))
            CountPacking.Subtract(entry["k"].AsByteArray, request["workflow"].AsString, totals);
        var own = new BsonDocument("request", request["_id"]);
        await collections.Bodies.DeleteManyAsync(own, cancellationToken);
        await collections.Journal.DeleteManyAsync(own, cancellationToken);
        var result = await collections.Requests.DeleteOneAsync(
            new BsonDocument { ["_id"] = request["_id"], ["v"] = request["v"] }, cancellationToken);
        if (result.DeletedCount == 0)
            return false;
        await Counters.MoveAsync(collections, totals.Moved(), cancellationToken);
        return true;
    }
}
