using Millrace.Storage.Documents;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

internal sealed class MongoDocumentStore(MongoCollections collections) : IDocumentStore
{
    public Task<StoredDocument?> GetAsync(string key, CancellationToken cancellationToken) => MongoErrors.RunAsync(async () =>
    {
        using var found = await collections.Documents.FindAsync(
            new BsonDocument("_id", RequestDocuments.Text(key)), cancellationToken: cancellationToken);
        return await found.FirstOrDefaultAsync(cancellationToken) is { } document ? Read(document) : null;
    });

    public Task<IReadOnlyList<StoredDocument>> ListAsync(string prefix, int limit, CancellationToken cancellationToken) =>
        MongoErrors.RunAsync<IReadOnlyList<StoredDocument>>(async () =>
        {
            using var found = await collections.Documents.FindAsync(
                new BsonDocument("_id", new BsonDocument("$gte", RequestDocuments.Text(prefix))),
                new FindOptions<BsonDocument> { Sort = new BsonDocument("_id", 1), Limit = limit }, cancellationToken);
            return
            [
                .. (await found.ToListAsync(cancellationToken)).Select(Read)
                    .TakeWhile(document => document.Key.StartsWith(prefix, StringComparison.Ordinal)),
            ];
        });

    public Task<long?> PutAsync(string key, ReadOnlyMemory<byte> body, long? expectedVersion, CancellationToken cancellationToken)
    {
        DocumentLimits.Check(key, body);
        return MongoErrors.RunAsync(() => expectedVersion is null
            ? PutAnywayAsync(key, body, cancellationToken)
            : PutOverAsync(key, body, expectedVersion.Value, cancellationToken));
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken) => MongoErrors.RunAsync(
        () => collections.Documents.DeleteOneAsync(new BsonDocument("_id", RequestDocuments.Text(key)), cancellationToken));

    private async Task<long?> PutAnywayAsync(string key, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        while (true)
        {
            // Two that create the same document at once: one is told of a duplicate, and then finds it.
            if (await UpdateAsync(new BsonDocument("_id", RequestDocuments.Text(key)), body, isUpsert: true, cancellationToken) is { } version)
                return version;
        }
    }

    // Every stored document has a version. For version 0 the filter so matches none: the upsert inserts or is told of a duplicate.
    private Task<long?> PutOverAsync(string key, ReadOnlyMemory<byte> body, long expectedVersion, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument("_id", RequestDocuments.Text(key));
        return expectedVersion == 0
            ? UpdateAsync(filter.Add("version", new BsonDocument("$exists", false)), body, isUpsert: true, cancellationToken)
            : UpdateAsync(filter.Add("version", expectedVersion), body, isUpsert: false, cancellationToken);
    }

    private async Task<long?> UpdateAsync(BsonDocument filter, ReadOnlyMemory<byte> body, bool isUpsert, CancellationToken cancellationToken)
    {
        var update = new BsonDocument
        {
            ["$set"] = new BsonDocument("body", body.ToArray()),
            ["$inc"] = new BsonDocument("version", 1L),
        };
        try
        {
            var written = await collections.Documents.FindOneAndUpdateAsync(
                filter, update,
                new FindOneAndUpdateOptions<BsonDocument>
                {
                    IsUpsert = isUpsert,
                    ReturnDocument = ReturnDocument.After,
                    Projection = new BsonDocument("version", 1),
                },
                cancellationToken);
            return written?["version"].ToInt64();
        }
        catch (MongoException error) when (MongoErrors.IsDuplicate(error))
        {
            return null;
        }
    }

    private static StoredDocument Read(BsonDocument document) =>
        new(document["_id"].AsString, document["version"].ToInt64(), document["body"].AsByteArray);
}
