using Millrace.Storage.Sqlite;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Sqlite;

/// <summary>From version 1 to a version 2 that is not written yet.</summary>
public sealed class SqliteMigrationTests : IDisposable
{
    private static readonly string[] Newer =
    [
        .. SqliteSchema.Migrations,
        "ALTER TABLE requests ADD COLUMN note TEXT; CREATE INDEX requests_by_note ON requests (note) WHERE note IS NOT NULL",
    ];

    private readonly TemporaryFolder _folder = new("sqlite-migration");

    private string File => Path.Combine(_folder.Path, "store.db");

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Several_newer_openers_migrate_once_beside_an_older_store_that_goes_on()
    {
        await using var older = await StoreFactory.OpenAsync($"sqlite:{File}", cancellationToken: Now);
        await using var busy = await BusyStore.StartAsync(older, Now);

        // A second time it would fail: the column is there already.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(Migrate, Now)));

        var saved = await busy.StopAsync();
        Assert.All(await older.Requests.LoadAsync(saved, Now), request => Assert.Equal(2, request!.Record.Version));
        var refused = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync($"sqlite:{File}", cancellationToken: Now));
        Assert.Equal(StoreFailure.SchemaTooNew, refused.Failure);
        Assert.Contains("has migrated it. Run that", refused.Message, StringComparison.Ordinal);
    }

    private void Migrate()
    {
        using var database = SqliteDatabase.Open(File, busyTimeoutMs: 30_000);
        SqliteSchema.Migrate(database, Newer);
        Assert.Equal(2, database.Scalar("PRAGMA user_version"));
    }
}
