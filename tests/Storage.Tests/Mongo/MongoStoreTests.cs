using System.Collections.Concurrent;
using Millrace.Storage.Mongo;
using Millrace.Storage.Tests.Conformance;
using MongoDB.Driver;

namespace Millrace.Storage.Tests.Mongo;

public sealed class MongoStoreTests(MongoStoreFixture fixture) : SharedStoreConformance(fixture), IClassFixture<MongoStoreFixture>;

/// <summary>Runs against the server that MONGODB_URL names, in databases of its own, which are dropped at the end.</summary>
public sealed class MongoStoreFixture : StoreFixture
{
    private static readonly string? Server = Environment.GetEnvironmentVariable("MONGODB_URL");

    private readonly ConcurrentBag<string> _urls = [];

    public override string? SkipReason =>
        string.IsNullOrEmpty(Server) ? "No MongoDB server can be installed here; set MONGODB_URL to run these tests." : null;

    public override Task<string> NewUrlAsync()
    {
        var url = new UriBuilder(Server!) { Path = $"/millrace-test-{Guid.NewGuid():N}"[..40] }.Uri.OriginalString;
        _urls.Add(url);
        return Task.FromResult(url);
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var url in _urls)
            await Database(url).Client.DropDatabaseAsync(MongoUrl.Create(url).DatabaseName);
        await base.DisposeAsync();
    }

    /// <summary>What lies under a store.</summary>
    internal static MongoCollections Collections(string url) => new(Database(url), TimeSpan.FromSeconds(10));

    private static IMongoDatabase Database(string url) => new MongoClient(url).GetDatabase(MongoUrl.Create(url).DatabaseName);
}
