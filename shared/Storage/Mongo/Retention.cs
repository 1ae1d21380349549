using Millrace.Storage.Packing;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Removes finished requests one by one: a note of it, the request's own document if it has not moved since, then what belongs to it,
/// then the note. Cut off anywhere, the next round finds the request or the note again. Whoever removes a document also takes it out
/// of the counts.
/// </summary>
internal sealed class Retention(MongoCollections collections, CancellationToken cancellationToken)
{
    private const int AtOnce = 200;

    public async Task<int> RunAsync(string workflow, DateTimeOffset finishedBefore, int limit)
    {
        await SweepAsync();
        var before = Micros.From(finishedBefore);
        var filter = new BsonDocument
        {
            ["top"] = true,
            ["workflow"] = RequestDocuments.Text(workflow),
            ["status"] = new BsonDocument("$in", new BsonArray { "completed", "failed", "cancelled" }),
            ["created_at"] = new BsonDocument("$lt", before),
            ["finished_at"] = new BsonDocument("$lt", before),
            ["unsent"] = new BsonDocument("$size", 0),
        };
        var removed = 0;
        foreach (var request in await FindAsync(filter, limit))
        {
            if (await RemoveAsync(request, before))
                removed++;
        }
        return removed;
    }

    /// <summary>Ends what an earlier round was cut off in.</summary>
    private async Task SweepAsync()
    {
        using var found = await collections.Removals.FindAsync(
            new BsonDocument(), new FindOptions<BsonDocument> { Limit = AtOnce }, cancellationToken);
        foreach (var note in await found.ToListAsync(cancellationToken))
        {
            var request = (await FindAsync(One(note), limit: 1)).FirstOrDefault();
            // One as old as the note says was not removed: a round still has it, or will find it.
            if (request is null || request["created_at"].ToInt64() >= note["before"].ToInt64())
                await RemoveBelongingsAsync(note, again: request);
        }
    }

    private async Task<bool> RemoveAsync(BsonDocument request, long before)
    {
        var note = new BsonDocument { ["_id"] = request["_id"], ["before"] = before, ["bodies"] = new BsonArray(await FindBodiesAsync(request)) };
        await collections.Removals.ReplaceOneAsync(One(note), note, new ReplaceOptions { IsUpsert = true }, cancellationToken);
        var isRemoved = await RemoveDocumentAsync(request);
        if (isRemoved)
            await RemoveBelongingsAsync(note, again: null);
        else
            await collections.Removals.DeleteOneAsync(One(note), cancellationToken);
        return isRemoved;
    }

    /// <param name="again">The same request made again since, which keeps what is its own; null if there is none.</param>
    private async Task RemoveBelongingsAsync(BsonDocument note, BsonDocument? again)
    {
        var own = new BsonDocument("request", note["_id"]);
        await RemoveChildrenAsync(new BsonDocument
        {
            ["top"] = false,
            ["parent"] = note["_id"],
            ["created_at"] = new BsonDocument("$lt", note["before"]),
        });
        if (again is null || !again.Contains("has_journal"))
            await collections.Journal.DeleteManyAsync(own, cancellationToken);
        // By name, since they do not tell their age: those of one made again are written before its document can be seen.
        if (note.TryGetValue("bodies", out var bodies))
            await collections.Bodies.DeleteManyAsync(new BsonDocument("_id", new BsonDocument("$in", bodies)), cancellationToken);
        await collections.Removals.DeleteOneAsync(One(note), cancellationToken);
    }

    /// <summary>All there are before the document goes, those too that a crash has left and nobody names.</summary>
    private async Task<IEnumerable<BsonValue>> FindBodiesAsync(BsonDocument request)
    {
        using var found = await collections.Bodies.FindAsync(
            new BsonDocument("request", request["_id"]), new FindOptions<BsonDocument> { Projection = new BsonDocument("_id", 1) }, cancellationToken);
        return (await found.ToListAsync(cancellationToken)).Select(body => body["_id"]);
    }

    /// <summary>The deepest first, and each one's document last: as long as it is there, it is found by its parent's.</summary>
    private async Task RemoveChildrenAsync(BsonDocument filter)
    {
        while (await FindAsync(filter, AtOnce) is { Count: > 0 } some)
        {
            foreach (var child in some)
            {
                var own = new BsonDocument("request", child["_id"]);
                await RemoveChildrenAsync(new BsonDocument { ["top"] = false, ["parent"] = child["_id"] });
                await collections.Bodies.DeleteManyAsync(own, cancellationToken);
                // Its counts stand in the journal, which so goes after it; what a crash leaves of that is read by nobody.
                if (await RemoveDocumentAsync(child))
                    await collections.Journal.DeleteManyAsync(own, cancellationToken);
            }
        }
    }

    private async Task<bool> RemoveDocumentAsync(BsonDocument request)
    {
        var totals = new CountTotals();
        foreach (var entry in await Journal.ReadAsync(collections, request, ["k"], 0, cancellationToken))
            CountPacking.Subtract(entry["k"].AsByteArray, request["workflow"].AsString, totals);
        var result = await collections.Requests.DeleteOneAsync(
            new BsonDocument { ["_id"] = request["_id"], ["v"] = request["v"] }, cancellationToken);
        if (result.DeletedCount == 0)
            return false;
        await Counters.MoveAsync(collections, totals.Moved(), commit: null, cancellationToken);
        return true;
    }

    private async Task<List<BsonDocument>> FindAsync(BsonDocument filter, int limit)
    {
        using var found = await collections.Requests.FindAsync(filter, new FindOptions<BsonDocument> { Limit = limit }, cancellationToken);
        return await found.ToListAsync(cancellationToken);
    }

    private static BsonDocument One(BsonDocument document) => new("_id", document["_id"]);
}
