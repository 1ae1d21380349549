using Millrace.Storage.Documents;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Mongo;

/// <summary>
/// The store on MongoDB, without transactions over several documents. What it promises: a transition is one write of one
/// document, so its state, outputs, events and effects are saved together or not at all; a commit is not one transaction, so
/// after a crash some of its transitions may be saved and others not, each whole. Counters follow the transitions: a crash
/// between the two loses one commit's deltas.
/// </summary>
internal sealed class MongoStore : IMillraceStore
{
    private const int CommandNotFound = 59;

    private readonly MongoCollections _collections;
    private readonly CommitNumbers _numbers;

    private MongoStore(MongoCollections collections, MongoCollections views, string description, int commitsAtOnce)
    {
        (_collections, Description, CommitsAtOnce) = (collections, description, commitsAtOnce);
        _numbers = new CommitNumbers(collections);
        Requests = new MongoRequestStore(collections, _numbers);
        Views = new MongoRequestReader(views);
        Documents = new MongoDocumentStore(collections);
        Results = new MongoResultCache(collections);
    }

    public IRequestStore Requests { get; }

    public IRequestReader Views { get; }

    public IDocumentStore Documents { get; }

    public IResultCache Results { get; }

    public string Description { get; }

    public int CommitsAtOnce { get; }

    public bool IsShared => true;

    public bool CountsAreExact => false;

    public static async Task<MongoStore> OpenAsync(string url, StoreOptions options, CancellationToken cancellationToken)
    {
        var (settings, database) = Parse(url);
        var patience = TimeSpan.FromMilliseconds(options.BusyTimeoutMs);
        // Without a primary, or without a connection, a call fails and is tried again; it does not hang.
        (settings.ServerSelectionTimeout, settings.ConnectTimeout, settings.WaitQueueTimeout) = (patience, patience, patience);
        var collections = Connect(settings, "millrace", options.ReadConnections + options.WriteConnections);
        var views = Connect(settings, "millrace-views", options.ViewConnections);
        await MongoErrors.RunAsync(async () =>
        {
            await MongoSchema.MigrateAsync(collections, cancellationToken);
            return true;
        });
        return new MongoStore(collections, views, $"mongodb://{string.Join(',', settings.Servers)}/{database}", options.CommitsAtOnce);

        // Connections are shared by clients of equal settings: those of another name are apart.
        MongoCollections Connect(MongoClientSettings settings, string name, int connections)
        {
            settings = settings.Clone();
            (settings.ApplicationName, settings.MaxConnectionPoolSize) = (name, connections);
            return new MongoCollections(new MongoClient(settings).GetDatabase(database), patience);
        }
    }

    /// <remarks>The primary's.</remarks>
    public Task<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken) => MongoErrors.RunAsync(async () =>
    {
        var hello = await GreetAsync(cancellationToken);
        return hello.TryGetValue("localTime", out var there) ? new DateTimeOffset(there.ToUniversalTime(), TimeSpan.Zero) : (DateTimeOffset?)null;
    });

    private async Task<BsonDocument> GreetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _collections.RunAsync(new BsonDocument("hello", 1), cancellationToken);
        }
        catch (MongoCommandException failure) when (failure.Code == CommandNotFound)
        {
            // Servers before 4.4.2 know it by this name alone.
            return await _collections.RunAsync(new BsonDocument("isMaster", 1), cancellationToken);
        }
    }

    public Task CheckAsync(CancellationToken cancellationToken) => MongoErrors.RunAsync(() => _collections.Meta.UpdateOneAsync(
        new BsonDocument("_id", "check"), new BsonDocument("$inc", new BsonDocument("times", 1L)), new UpdateOptions { IsUpsert = true },
        cancellationToken));

    // The driver's connections belong to the process and are shared by equal settings.
    public ValueTask DisposeAsync()
    {
        _numbers.Dispose();
        return ValueTask.CompletedTask;
    }

    private static (MongoClientSettings Settings, string Database) Parse(string url)
    {
        try
        {
            var parsed = new MongoUrl(url);
            return (MongoClientSettings.FromUrl(parsed), parsed.DatabaseName ?? "millrace");
        }
        catch (Exception error) when (error is MongoConfigurationException or FormatException or ArgumentException)
        {
            // The driver's message repeats the URL with its password: it goes no further.
            throw new StoreException(
                StoreFailure.Configuration, "The MongoDB URL is wrong: it must read mongodb://USER:PASSWORD@HOST:PORT/DATABASE?OPTIONS.");
        }
    }
}
