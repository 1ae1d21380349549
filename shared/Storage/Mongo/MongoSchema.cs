using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Indexes, created by name: creating the same again does nothing, so any number of managers may start at once.</summary>
internal static class MongoSchema
{
    private const int Version = 1;

    public static async Task MigrateAsync(MongoCollections collections, CancellationToken cancellationToken)
    {
        using var found = await collections.Meta.FindAsync(new BsonDocument("_id", "schema"), cancellationToken: cancellationToken);
        var stored = (await found.FirstOrDefaultAsync(cancellationToken))?["version"].ToInt32() ?? 0;
        if (stored > Version)
            throw new StoreException(StoreFailure.SchemaTooNew, $"The store has schema {stored}; this Millrace knows up to {Version}.");
        await collections.Requests.Indexes.CreateManyAsync(
            [
                Index("by_status", "{workflow: 1, status: 1, created_at: 1, _id: 1}", "{top: true}"),
                Index("by_key", "{key: 1, created_at: 1, _id: 1}", "{top: true, key: {$type: 'string'}}"),
                Index("by_error_code", "{error_code: 1, workflow: 1, created_at: 1, _id: 1}", "{top: true, error_code: {$type: 'string'}}"),
                Index("by_error_step", "{error_step: 1, workflow: 1, created_at: 1, _id: 1}", "{top: true, error_step: {$type: 'string'}}"),
                Index("by_parent", "{parent: 1, parent_step: 1, parent_index: 1}", "{top: false}"),
                Index("by_due", "{due_at: 1, _id: 1}", "{status: 'running'}"),
                Index("by_unsent", "{'unsent.c': 1}", "{'unsent.c': {$exists: true}}"),
            ],
            cancellationToken);
        await collections.Journal.Indexes.CreateManyAsync([Index("by_request", "{request: 1, v: 1}")], cancellationToken);
        await collections.Bodies.Indexes.CreateManyAsync([Index("by_request", "{request: 1}")], cancellationToken);
        await collections.Outbox.Indexes.CreateManyAsync(
            [Index("by_lease", "{lease_until: 1, _id: 1}"), Index("by_owner", "{owner: 1, _id: 1}")], cancellationToken);
        await collections.Results.Indexes.CreateManyAsync([Index("by_expiry", "{expires_at: 1}")], cancellationToken);
        await collections.Meta.UpdateOneAsync(
            new BsonDocument("_id", "schema"), new BsonDocument("$max", new BsonDocument("version", Version)),
            new UpdateOptions { IsUpsert = true }, cancellationToken);
    }

    private static CreateIndexModel<BsonDocument> Index(string name, string keys, string? where = null) => new(
        BsonDocument.Parse(keys),
        new CreateIndexOptions<BsonDocument> { Name = name, PartialFilterExpression = where is null ? null : BsonDocument.Parse(where) });
}
