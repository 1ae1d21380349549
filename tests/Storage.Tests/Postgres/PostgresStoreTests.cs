using Millrace.Storage.Tests.Conformance;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Postgres;

public sealed class PostgresStoreTests(PostgresStoreFixture fixture) : SharedStoreConformance(fixture), IClassFixture<PostgresStoreFixture>;

public sealed class PostgresStoreFixture : StoreFixture
{
    private int _databases;

    public PostgresServer Server { get; private set; } = null!;

    public override async ValueTask InitializeAsync() =>
        Server = await PostgresServer.StartAsync("fsync = off\nfull_page_writes = off");

    public override async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await base.DisposeAsync();
    }

    public override Task<string> NewUrlAsync() => Server.CreateDatabaseAsync($"store{Interlocked.Increment(ref _databases)}");
}
