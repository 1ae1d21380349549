using Millrace.Storage.Documents;
using Millrace.Storage.Packing;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

internal sealed class MongoResultCache(MongoCollections collections) : IResultCache
{
    public Task<IReadOnlyList<ReadOnlyMemory<byte>?>> GetAsync(
        IReadOnlyList<string> keys, DateTimeOffset now, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync<IReadOnlyList<ReadOnlyMemory<byte>?>>(async () =>
        {
            var filter = new BsonDocument
            {
                ["_id"] = new BsonDocument("$in", new BsonArray(keys.Select(RequestDocuments.Text))),
                ["expires_at"] = new BsonDocument("$gt", Micros.From(now)),
            };
            using var cursor = await collections.Results.FindAsync(filter, cancellationToken: cancellationToken);
            var found = (await cursor.ToListAsync(cancellationToken)).ToDictionary(d => d["_id"].AsString, d => d["body"].AsByteArray);
            return [.. keys.Select(key => found.TryGetValue(WellFormedText.From(key), out var body) ? (ReadOnlyMemory<byte>?)body : null)];
        });

    public Task PutAsync(IReadOnlyList<CachedResult> results, CancellationToken cancellationToken)
    {
        foreach (var result in results)
            DocumentLimits.Check(result.Key, result.Body);
        if (results.Count == 0)
            return Task.CompletedTask;
        return MongoErrors.RunAsync(() => collections.Results.BulkWriteAsync(results.Select(Write), cancellationToken: cancellationToken));
    }

    public Task<int> DeleteExpiredAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => MongoErrors.RunAsync(async () =>
    {
        var expired = new BsonDocument("expires_at", new BsonDocument("$lte", Micros.From(now)));
        using var cursor = await collections.Results.FindAsync(
            expired, new FindOptions<BsonDocument> { Limit = limit, Projection = new BsonDocument("_id", 1) }, cancellationToken);
        var ids = (await cursor.ToListAsync(cancellationToken)).Select(d => d["_id"]);
        // Asked again, because what was found may have been renewed since.
        expired["_id"] = new BsonDocument("$in", new BsonArray(ids));
        return (int)(await collections.Results.DeleteManyAsync(expired, cancellationToken)).DeletedCount;
    });

    private static ReplaceOneModel<BsonDocument> Write(CachedResult result) => new(
        new BsonDocument("_id", RequestDocuments.Text(result.Key)),
        new BsonDocument
        {
            ["_id"] = RequestDocuments.Text(result.Key),
            ["expires_at"] = Micros.From(result.ExpiresAt),
            ["body"] = result.Body.ToArray(),
        })
    { IsUpsert = true };
}
