using Millrace.Storage.Packing;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Removes finished requests one by one: a note of it, the request's own document if it has not moved since, then what belongs to it,
/// then the note. Cut off anywhere, the next round finds the request or the note again. Whoever removes a document also takes it out
/// of the counts. The same request may be made again at any moment: what belongs to which of the two is told by when it was born.
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
                await RemoveBelongingsAsync(note);
        }
    }

    private async Task<bool> RemoveAsync(BsonDocument request, long before)
    {
        var note = new BsonDocument { ["_id"] = request["_id"], ["before"] = before, ["born"] = request["created_at"] };
        await collections.Removals.ReplaceOneAsync(One(note), note, new ReplaceOptions { IsUpsert = true }, cancellationToken);
        var isRemoved = await RemoveDocumentAsync(request);
        // Where another manager has removed it, and may not live to see to the rest, the note stays for the next round.
        if (isRemoved)
            await RemoveBelongingsAsync(note);
        else if (await FindAsync(One(request).Add("created_at", request["created_at"]), limit: 1) is { Count: > 0 })
            await collections.Removals.DeleteOneAsync(One(note), cancellationToken);
        return isRemoved;
    }

    private async Task RemoveBelongingsAsync(BsonDocument note)
    {
        var own = OwnOf(note["_id"], note.GetValue("born", BsonNull.Value));
        await RemoveChildrenAsync(new BsonDocument
        {
            ["top"] = false,
            ["parent"] = note["_id"],
            ["created_at"] = new BsonDocument("$lt", note["before"]),
        });
        await collections.Journal.DeleteManyAsync(own, cancellationToken);
        await collections.Bodies.DeleteManyAsync(own, cancellationToken);
        await collections.Removals.DeleteOneAsync(One(note), cancellationToken);
    }

    /// <summary>The deepest first, and each one's document last: as long as it is there, it is found by its parent's.</summary>
    private async Task RemoveChildrenAsync(BsonDocument filter)
    {
        while (await FindAsync(filter, AtOnce) is { Count: > 0 } some)
        {
            foreach (var child in some)
            {
                var own = OwnOf(child["_id"], child["created_at"]);
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
            One(request).Add("v", request["v"]).Add("created_at", request["created_at"]), cancellationToken);
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

    /// <summary>What builds before this one wrote does not say when its request was born, and goes too.</summary>
    private static BsonDocument OwnOf(BsonValue request, BsonValue born) => new()
    {
        ["request"] = request,
        ["born"] = new BsonDocument("$in", new BsonArray { born, BsonNull.Value }),
    };

    private static BsonDocument One(BsonDocument document) => new("_id", document["_id"]);
}
