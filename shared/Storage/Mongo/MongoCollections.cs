using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// The collections. Majority and journal: what a manager has been told is saved survives the loss of a member. Whatever the URL says,
/// reads go to the primary and see what a majority has: a member that lags would make saved transitions look like conflicts.
/// </summary>
/// <param name="patience">How long a write waits for the majority; then it may or may not be saved.</param>
internal sealed class MongoCollections(IMongoDatabase database, TimeSpan patience)
{
    private readonly IMongoDatabase _database = database
        .WithWriteConcern(WriteConcern.WMajority.With(wTimeout: patience, journal: true))
        .WithReadPreference(ReadPreference.Primary)
        .WithReadConcern(ReadConcern.Majority);

    /// <summary>One document a request, with its last transitions (<c>entries</c>) and what is yet to be sent (<c>unsent</c>).</summary>
    public IMongoCollection<BsonDocument> Requests => Get("requests");

    /// <summary>Older entries of requests with very many transitions.</summary>
    public IMongoCollection<BsonDocument> Journal => Get("journal");

    /// <summary>Parts of bodies too large for the request's own document.</summary>
    public IMongoCollection<BsonDocument> Bodies => Get("bodies");

    /// <summary>One document a commit with effects: who sends them, and until when no one else does.</summary>
    public IMongoCollection<BsonDocument> Outbox => Get("outbox");

    /// <summary>One note a request that is being removed, until all that belonged to it is gone.</summary>
    public IMongoCollection<BsonDocument> Removals => Get("removals");

    public IMongoCollection<BsonDocument> Counts => Get("counts");

    public IMongoCollection<BsonDocument> Documents => Get("documents");

    public IMongoCollection<BsonDocument> Results => Get("results");

    /// <summary>The schema's version and the last commit number given out.</summary>
    public IMongoCollection<BsonDocument> Meta => Get("meta");

    public Task<BsonDocument> RunAsync(BsonDocument command, CancellationToken cancellationToken) =>
        _database.RunCommandAsync<BsonDocument>(command, cancellationToken: cancellationToken);

    private IMongoCollection<BsonDocument> Get(string name) => _database.GetCollection<BsonDocument>(name);
}
