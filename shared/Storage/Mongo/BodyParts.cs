using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Bodies over 16 KiB, in parts: a document holds at most 16 MiB. Parts are written before the document that names them, so a
/// crash leaves at most parts that nobody names; they go when their request goes. A part holds when its request was born, for the same
/// request may be made again while the one before it is being removed.
/// </summary>
internal static class BodyParts
{
    private const int InlineBytes = 16 << 10;
    private const int PartBytes = 8 << 20;

    /// <summary>Puts the body into the document under the name, or its parts into <paramref name="bodies"/> and their id into the document.</summary>
    public static void Put(
        BsonDocument document, string name, ReadOnlyMemory<byte> body, RequestRecord request, long commit, List<BsonDocument> bodies)
    {
        if (body.Length <= InlineBytes)
        {
            document[name] = body.ToArray();
            return;
        }
        var id = $"{request.Id:D}/{commit}/{name}";
        var part = 0;
        for (; !body.IsEmpty; part++)
        {
            var length = Math.Min(PartBytes, body.Length);
            bodies.Add(new BsonDocument
            {
                ["_id"] = $"{id}/{part}",
                ["request"] = RequestDocuments.Id(request.Id),
                ["born"] = Micros.From(request.CreatedAt),
                ["d"] = body[..length].ToArray(),
            });
            body = body[length..];
        }
        document["b"] = id;
        document["n"] = part;
    }

    public static async Task<byte[]> GetAsync(
        MongoCollections collections, BsonDocument document, string name, CancellationToken cancellationToken)
    {
        if (document.TryGetValue(name, out var inline))
            return inline.AsByteArray;
        if (!document.TryGetValue("b", out var id))
            return [];
        var ids = Enumerable.Range(0, document["n"].ToInt32()).Select(part => $"{id.AsString}/{part}").ToArray();
        using var found = await collections.Bodies.FindAsync(
            new BsonDocument("_id", new BsonDocument("$in", new BsonArray(ids))), cancellationToken: cancellationToken);
        var parts = (await found.ToListAsync(cancellationToken)).ToDictionary(part => part["_id"].AsString, part => part["d"].AsByteArray);
        if (parts.Count < ids.Length)
            throw new StoreException(StoreFailure.Corrupt, "The store lacks a part of a body. Stop, and restore it from a copy.");
        return [.. ids.SelectMany(part => parts[part])];
    }
}
