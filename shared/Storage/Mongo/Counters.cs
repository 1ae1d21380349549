using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Each counter keeps the numbers of the last commits that moved it, so that one that is counted again changes nothing.</summary>
internal static class Counters
{
    private const int CommitsKept = 256;

    private static readonly BulkWriteOptions Unordered = new() { IsOrdered = false };

    /// <param name="commit">What moved them; null for what no number stands for.</param>
    public static async Task MoveAsync(
        MongoCollections collections, IReadOnlyList<RequestCount> moved, long? commit, CancellationToken cancellationToken)
    {
        if (moved.Count == 0)
            return;
        try
        {
            await collections.Counts.BulkWriteAsync(moved.Select(count => Write(count, commit, isUpsert: true)), Unordered, cancellationToken);
        }
        catch (MongoBulkWriteException<BsonDocument> error) when (error.WriteConcernError is null && error.WriteErrors.All(IsThere))
        {
            // Another has made the counter just now, or it has taken this commit: then the filter matches nothing.
            var again = error.WriteErrors.Select(refused => Write(moved[refused.Index], commit, isUpsert: false));
            await collections.Counts.BulkWriteAsync(again, Unordered, cancellationToken);
        }
    }

    public static async Task<IReadOnlyList<RequestCount>> ReadAsync(MongoCollections collections, CancellationToken cancellationToken)
    {
        using var found = await collections.Counts.FindAsync(
            new BsonDocument("count", new BsonDocument("$ne", 0L)),
            new FindOptions<BsonDocument> { Projection = new BsonDocument("count", 1) }, cancellationToken);
        return [.. (await found.ToListAsync(cancellationToken)).Select(Read)];
    }

    private static bool IsThere(BulkWriteError error) => error.Category == ServerErrorCategory.DuplicateKey;

    private static UpdateOneModel<BsonDocument> Write(RequestCount count, long? commit, bool isUpsert)
    {
        // The three texts are the id, in one order of fields, so that equal ones are equal documents.
        var filter = new BsonDocument("_id", new BsonDocument
        {
            ["workflow"] = RequestDocuments.Text(count.Workflow),
            ["step"] = RequestDocuments.Text(count.Step),
            ["status"] = RequestDocuments.Text(count.Status),
        });
        var update = new BsonDocument("$inc", new BsonDocument("count", count.Count));
        if (commit is { } number)
        {
            filter["commits"] = new BsonDocument("$ne", number);
            update["$push"] = new BsonDocument("commits", new BsonDocument { ["$each"] = new BsonArray { number }, ["$slice"] = -CommitsKept });
        }
        return new UpdateOneModel<BsonDocument>(filter, update) { IsUpsert = isUpsert };
    }

    private static RequestCount Read(BsonDocument document)
    {
        var id = document["_id"].AsBsonDocument;
        return new RequestCount(id["workflow"].AsString, id["step"].AsString, id["status"].AsString, document["count"].ToInt64());
    }
}
