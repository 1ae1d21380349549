using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>A request's entries, those in its document and the older ones beside it.</summary>
internal static class Journal
{
    private static readonly BsonDocument NewestFirst = new("v", -1);

    /// <summary>
    /// Copies entries out of the document, then takes them from it. They never change and their ids follow from their versions:
    /// done twice, by two managers or cut off in between, it comes to the same.
    /// </summary>
    public static async Task MoveOldEntriesAsync(MongoCollections collections, RequestRecord record, CancellationToken cancellationToken)
    {
        var id = RequestDocuments.Id(record.Id);
        using var found = await collections.Requests.FindAsync(RequestDocuments.Filter(record.Id), cancellationToken: cancellationToken);
        var entries = (await found.FirstOrDefaultAsync(cancellationToken))?["entries"].AsBsonArray ?? [];
        var old = entries.Select(e => e.AsBsonDocument).Where(e => e["v"].ToInt64() < record.Version).ToList();
        if (old.Count == 0)
            return;
        await collections.Journal.BulkWriteAsync(
            old.Select(e => new ReplaceOneModel<BsonDocument>(
                new BsonDocument("_id", $"{id}/{e["v"].ToInt64()}"), new BsonDocument(e).Add("request", id).Add("born", Micros.From(record.CreatedAt)))
            { IsUpsert = true }),
            cancellationToken: cancellationToken);
        await collections.Requests.UpdateOneAsync(
            RequestDocuments.Filter(record.Id),
            new BsonDocument
            {
                ["$set"] = new BsonDocument("has_journal", true),
                ["$pull"] = new BsonDocument("entries", new BsonDocument("v", new BsonDocument("$lt", record.Version))),
            },
            cancellationToken: cancellationToken);
    }

    /// <summary>Entries newest first, each once, that hold one of the fields and come after the version.</summary>
    public static async Task<List<BsonDocument>> ReadAsync(
        MongoCollections collections, BsonDocument request, string[] fields, long afterVersion, CancellationToken cancellationToken)
    {
        var entries = request["entries"].AsBsonArray.Select(e => e.AsBsonDocument)
            .Where(e => e["v"].ToInt64() > afterVersion && fields.Any(e.Contains)).ToList();
        if (request.Contains("has_journal"))
        {
            var filter = new BsonDocument
            {
                ["request"] = request["_id"],
                ["v"] = new BsonDocument("$gt", afterVersion),
                ["$or"] = new BsonArray(fields.Select(field => new BsonDocument(field, new BsonDocument("$exists", true)))),
            };
            using var found = await collections.Journal.FindAsync(
                filter, new FindOptions<BsonDocument> { Sort = NewestFirst }, cancellationToken);
            entries.AddRange(await found.ToListAsync(cancellationToken));
        }
        return [.. entries.DistinctBy(e => e["v"].ToInt64()).OrderByDescending(e => e["v"].ToInt64())];
    }

    public static async Task<List<OutputRecord>> ReadOutputsAsync(
        MongoCollections collections, BsonDocument request, CancellationToken cancellationToken)
    {
        var outputs = new List<OutputRecord>();
        foreach (var entry in await ReadAsync(collections, request, ["o", "b"], 0, cancellationToken))
            OutputPacking.AddMissing(await BodyParts.GetAsync(collections, entry, "o", cancellationToken), outputs);
        return outputs;
    }
}
