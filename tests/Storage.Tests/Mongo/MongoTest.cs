using Millrace.Storage.Mongo;

namespace Millrace.Storage.Tests.Mongo;

/// <summary>A store of its own, and the collections behind it.</summary>
public abstract class MongoTest(MongoStoreFixture fixture) : IClassFixture<MongoStoreFixture>, IAsyncLifetime
{
    private protected static CancellationToken Now => TestContext.Current.CancellationToken;

    private protected IMillraceStore Store { get; private set; } = null!;

    private protected MongoCollections Collections { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        if (fixture.SkipReason is { } reason)
            Assert.Skip(reason);
        var url = await fixture.NewUrlAsync();
        Store = await StoreFactory.OpenAsync(url, cancellationToken: Now);
        Collections = MongoStoreFixture.Collections(url);
    }

    public async ValueTask DisposeAsync()
    {
        if (Store is not null)
            await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
