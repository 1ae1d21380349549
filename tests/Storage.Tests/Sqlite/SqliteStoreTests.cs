using Millrace.Storage.Tests.Conformance;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Sqlite;

public sealed class SqliteStoreTests(SqliteStoreFixture fixture) : StoreConformance(fixture), IClassFixture<SqliteStoreFixture>;

public sealed class SqliteStoreFixture : StoreFixture
{
    private readonly TemporaryFolder _folder = new("sqlite");

    public override Task<string> NewUrlAsync() => Task.FromResult($"sqlite:{_folder.Path}/{Guid.NewGuid():N}.db");

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }
}
