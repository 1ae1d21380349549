using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Tests.Mongo;

public sealed class MongoRetentionTests(MongoStoreFixture fixture) : MongoTest(fixture)
{
    private readonly string _id = Guid.NewGuid().ToString("D");

    /// <summary>The parts of one that is made again are written before its document, so a removal of the one before may find them without it.</summary>
    [Fact]
    public async Task A_removal_takes_the_bodies_of_the_request_that_it_began_with_and_none_of_the_one_made_again()
    {
        await Collections.Bodies.InsertManyAsync([Part(1, born: 10), Part(2, born: 20), Part(3, born: null)], cancellationToken: Now);
        await Collections.Removals.InsertOneAsync(new BsonDocument { ["_id"] = _id, ["before"] = 15L, ["born"] = 10L }, cancellationToken: Now);

        await Store.Requests.DeleteFinishedAsync("any", DateTimeOffset.UnixEpoch, 10, Now);

        Assert.Equal([$"{_id}/2/o/0"], await IdsAsync(Collections.Bodies));
        Assert.Equal(0, await Collections.Removals.CountDocumentsAsync(new BsonDocument(), cancellationToken: Now));
    }

    [Fact]
    public async Task A_removal_takes_the_journal_of_the_request_that_it_began_with_and_none_of_the_one_made_again()
    {
        await Collections.Journal.InsertManyAsync(
            [.. ((int[])[10, 20]).Select(born => new BsonDocument { ["_id"] = $"{_id}/{born}", ["request"] = _id, ["born"] = (long)born })], cancellationToken: Now);
        await Collections.Removals.InsertOneAsync(new BsonDocument { ["_id"] = _id, ["before"] = 15L, ["born"] = 10L }, cancellationToken: Now);

        await Store.Requests.DeleteFinishedAsync("any", DateTimeOffset.UnixEpoch, 10, Now);

        Assert.Equal([$"{_id}/20"], await IdsAsync(Collections.Journal));
    }

    private BsonDocument Part(int commit, long? born)
    {
        var part = new BsonDocument { ["_id"] = $"{_id}/{commit}/o/0", ["request"] = _id, ["d"] = new byte[1] };
        return born is { } known ? part.Add("born", known) : part;
    }

    private async Task<IEnumerable<string>> IdsAsync(IMongoCollection<BsonDocument> collection)
    {
        using var left = await collection.FindAsync(new BsonDocument("request", _id), cancellationToken: Now);
        return (await left.ToListAsync(Now)).Select(each => each["_id"].AsString);
    }
}
