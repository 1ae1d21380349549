using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Indexes, created by name: creating the same again does nothing, so any number of managers may start at once.</summary>
internal static class MongoSchema
{
    private const int Version = 1;
    private const int NamespaceNotFound = 26;
    private const int IndexNotFound = 27;

    /// <summary>Their filters held by $type, which no search for a text is known to imply: they were never used.</summary>
    private static readonly string[] Replaced = ["by_key", "by_error_code", "by_error_step"];

    public static IReadOnlyList<CreateIndexModel<BsonDocument>> RequestIndexes { get; } =
    [
        Index("by_status", "{workflow: 1, status: 1, created_at: 1, _id: 1}", "{top: true}"),
        Index("by_key_text", "{key: 1, created_at: 1, _id: 1}", "{top: true, key: {$gte: ''}}"),
        Index("by_error_code_text", "{error_code: 1, workflow: 1, created_at: 1, _id: 1}", "{top: true, error_code: {$gte: ''}}"),
        Index("by_error_step_text", "{error_step: 1, workflow: 1, created_at: 1, _id: 1}", "{top: true, error_step: {$gte: ''}}"),
        Index(
            "by_error", "{error_step: 1, error_code: 1, workflow: 1, created_at: 1, _id: 1}", "{top: true, error_step: {$gte: ''}, error_code: {$gte: ''}}"),
        Index("by_parent", "{parent: 1, parent_step: 1, parent_index: 1}", "{top: false}"),
        Index("by_due", "{due_at: 1, _id: 1}", "{status: 'running'}"),
        Index("by_unsent", "{'unsent.c': 1}", "{'unsent.c': {$exists: true}}"),
    ];

    public static async Task MigrateAsync(MongoCollections collections, CancellationToken cancellationToken)
    {
        using var found = await collections.Meta.FindAsync(new BsonDocument("_id", "schema"), cancellationToken: cancellationToken);
        var stored = (await found.FirstOrDefaultAsync(cancellationToken))?["version"].ToInt32() ?? 0;
        if (stored > Version)
            throw new StoreException(StoreFailure.SchemaTooNew, $"The store has schema {stored}; this Millrace knows up to {Version}.");
        // Before 5.0 two indexes of the same fields could not stand beside each other.
        foreach (var name in Replaced)
            await DropAsync(collections.Requests, name, cancellationToken);
        await collections.Requests.Indexes.CreateManyAsync(RequestIndexes, cancellationToken);
        await collections.Journal.Indexes.CreateManyAsync([Index("by_request", "{request: 1, v: 1}")], cancellationToken);
        await collections.Bodies.Indexes.CreateManyAsync([Index("by_request", "{request: 1}")], cancellationToken);
        await collections.Outbox.Indexes.CreateManyAsync(
            [Index("by_lease", "{lease_until: 1, _id: 1}"), Index("by_owner", "{owner: 1, _id: 1}")], cancellationToken);
        await collections.Results.Indexes.CreateManyAsync([Index("by_expiry", "{expires_at: 1}")], cancellationToken);
        await collections.Meta.UpdateOneAsync(
            new BsonDocument("_id", "schema"), new BsonDocument("$max", new BsonDocument("version", Version)),
            new UpdateOptions { IsUpsert = true }, cancellationToken);
    }

    private static async Task DropAsync(IMongoCollection<BsonDocument> collection, string name, CancellationToken cancellationToken)
    {
        try
        {
            await collection.Indexes.DropOneAsync(name, cancellationToken);
        }
        catch (MongoCommandException error) when (error.Code is NamespaceNotFound or IndexNotFound)
        {
            // A new store, or one that another manager has migrated.
        }
    }

    private static CreateIndexModel<BsonDocument> Index(string name, string keys, string? where = null) => new(
        BsonDocument.Parse(keys),
        new CreateIndexOptions<BsonDocument> { Name = name, PartialFilterExpression = where is null ? null : BsonDocument.Parse(where) });
}
