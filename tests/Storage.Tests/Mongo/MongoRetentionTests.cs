using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Tests.Mongo;

public sealed class MongoRetentionTests(MongoStoreFixture fixture) : MongoTest(fixture)
{
    /// <summary>Its parts are written before its document, so a removal of the one before it may find them without it.</summary>
    [Fact]
    public async Task A_removal_that_goes_on_takes_the_bodies_that_it_began_with_and_none_that_came_since()
    {
        var id = Guid.NewGuid().ToString("D");
        var (old, since) = ($"{id}/1/o/0", $"{id}/2/o/0");
        await Collections.Bodies.InsertManyAsync(
            [.. ((string[])[old, since]).Select(part => new BsonDocument { ["_id"] = part, ["request"] = id, ["d"] = new byte[1] })], cancellationToken: Now);
        await Collections.Removals.InsertOneAsync(
            new BsonDocument { ["_id"] = id, ["before"] = 1L, ["bodies"] = new BsonArray { old } }, cancellationToken: Now);

        await Store.Requests.DeleteFinishedAsync("any", DateTimeOffset.UnixEpoch, 10, Now);

        var left = await (await Collections.Bodies.FindAsync(new BsonDocument("request", id), cancellationToken: Now)).ToListAsync(Now);
        Assert.Equal([since], left.Select(body => body["_id"].AsString));
        Assert.Equal(0, await Collections.Removals.CountDocumentsAsync(new BsonDocument(), cancellationToken: Now));
    }
}
