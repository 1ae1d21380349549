using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>Which requests a commit has moved: its number stands in their entries, in the document or, with a busy one, in the journal.</summary>
internal static class SavedTransitions
{
    /// <returns>Ids as the documents have them.</returns>
    public static async Task<HashSet<string>> FindAsync(
        MongoCollections collections, long commit, IEnumerable<Guid> requests, CancellationToken cancellationToken)
    {
        var ids = new BsonDocument("$in", new BsonArray(requests.Select(RequestDocuments.Id)));
        var saved = await FindIdsAsync(collections.Requests, new BsonDocument { ["_id"] = ids, ["entries.c"] = commit }, "_id", cancellationToken);
        saved.UnionWith(await FindIdsAsync(collections.Journal, new BsonDocument { ["request"] = ids, ["c"] = commit }, "request", cancellationToken));
        return saved;
    }

    private static async Task<HashSet<string>> FindIdsAsync(
        IMongoCollection<BsonDocument> collection, BsonDocument filter, string field, CancellationToken cancellationToken)
    {
        var options = new FindOptions<BsonDocument> { Projection = new BsonDocument(field, 1) };
        using var found = await collection.FindAsync(filter, options, cancellationToken);
        return (await found.ToListAsync(cancellationToken)).Select(d => d[field].AsString).ToHashSet();
    }
}
