using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

internal static class Counters
{
    public static async Task MoveAsync(MongoCollections collections, IReadOnlyList<RequestCount> moved, CancellationToken cancellationToken)
    {
        if (moved.Count == 0)
            return;
        await collections.Counts.BulkWriteAsync(moved.Select(Write), new BulkWriteOptions { IsOrdered = false }, cancellationToken);
    }

    public static async Task<IReadOnlyList<RequestCount>> ReadAsync(MongoCollections collections, CancellationToken cancellationToken)
    {
        using var found = await collections.Counts.FindAsync(
            new BsonDocument("count", new BsonDocument("$ne", 0L)), cancellationToken: cancellationToken);
        return [.. (await found.ToListAsync(cancellationToken)).Select(Read)];
    }

    // The three texts are the id, in one order of fields, so that equal ones are equal documents.
    private static UpdateOneModel<BsonDocument> Write(RequestCount count) => new(
        new BsonDocument("_id", new BsonDocument
        {
            ["workflow"] = RequestDocuments.Text(count.Workflow),
            ["step"] = RequestDocuments.Text(count.Step),
            ["status"] = RequestDocuments.Text(count.Status),
        }),
        new BsonDocument("$inc", new BsonDocument("count", count.Count)))
    { IsUpsert = true };

    private static RequestCount Read(BsonDocument document)
    {
        var id = document["_id"].AsBsonDocument;
        return new RequestCount(id["workflow"].AsString, id["step"].AsString, id["status"].AsString, document["count"].ToInt64());
    }
}
