using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

internal static class RequestReader
{
    public static async Task<IReadOnlyList<StoredRequest?>> LoadAsync(
        MongoCollections collections, IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        using var cursor = await collections.Requests.FindAsync(
            new BsonDocument("_id", new BsonDocument("$in", new BsonArray(ids.Select(RequestDocuments.Id)))),
            new FindOptions<BsonDocument> { Projection = new BsonDocument("unsent", 0) }, cancellationToken);
        var found = new Dictionary<Guid, StoredRequest>();
        foreach (var document in await cursor.ToListAsync(cancellationToken))
        {
            var record = RequestDocuments.Read(document);
            found[record.Id] = new StoredRequest(record, await Journal.ReadOutputsAsync(collections, document, cancellationToken));
        }
        return [.. ids.Select(id => found.GetValueOrDefault(id))];
    }

    public static async Task<RequestVersion?> FindVersionAsync(MongoCollections collections, Guid id, CancellationToken cancellationToken)
    {
        using var cursor = await collections.Requests.FindAsync(
            RequestDocuments.Filter(id),
            new FindOptions<BsonDocument> { Projection = new BsonDocument { ["v"] = 1, ["status"] = 1 } }, cancellationToken);
        return await cursor.FirstOrDefaultAsync(cancellationToken) is { } document
            ? new RequestVersion(document["v"].ToInt64(), document["status"].AsString) : null;
    }

    public static async Task<IReadOnlyList<TimelineRecord>> ReadTimelineAsync(
        MongoCollections collections, Guid id, long afterVersion, CancellationToken cancellationToken)
    {
        using var cursor = await collections.Requests.FindAsync(RequestDocuments.Filter(id), cancellationToken: cancellationToken);
        if (await cursor.FirstOrDefaultAsync(cancellationToken) is not { } document)
            return [];
        var entries = await Journal.ReadAsync(collections, document, ["t"], afterVersion, cancellationToken);
        entries.Reverse();
        return entries.ConvertAll(e => new TimelineRecord(e["v"].ToInt64(), e["t"].AsByteArray));
    }

    public static async Task<IReadOnlyList<ChildResult>> ReadChildrenAsync(
        MongoCollections collections, Guid parentId, string step, int fromIndex, int limit, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument
        {
            ["top"] = false,
            ["parent"] = RequestDocuments.Id(parentId),
            ["parent_step"] = RequestDocuments.Text(step),
            ["parent_index"] = new BsonDocument("$gte", fromIndex),
        };
        using var cursor = await collections.Requests.FindAsync(
            filter, new FindOptions<BsonDocument> { Sort = new BsonDocument("parent_index", 1), Limit = limit }, cancellationToken);
        var children = new List<ChildResult>();
        foreach (var document in await cursor.ToListAsync(cancellationToken))
            children.Add(await ReadChildAsync(collections, document, cancellationToken));
        return children;
    }

    private static async Task<ChildResult> ReadChildAsync(MongoCollections collections, BsonDocument document, CancellationToken cancellationToken)
    {
        var record = RequestDocuments.Read(document);
        var outputs = record.Status == "completed" ? await Journal.ReadOutputsAsync(collections, document, cancellationToken) : [];
        return new ChildResult(
            record.Parent!.Index, record.Status, outputs.Find(o => o.Name == OutputRecord.Result)?.Body, record.ErrorCode, record.State);
    }
}
