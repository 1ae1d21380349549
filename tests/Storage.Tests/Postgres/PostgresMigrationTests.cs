using Millrace.Storage.Postgres;
using Millrace.Testing;
using Npgsql;

namespace Millrace.Storage.Tests.Postgres;

/// <summary>From version 1 to a version 2 that is not written yet.</summary>
public sealed class PostgresMigrationTests(PostgresStoreFixture fixture) : IClassFixture<PostgresStoreFixture>
{
    private static readonly string[] Newer =
    [
        .. PostgresSchema.Migrations,
        "ALTER TABLE requests ADD COLUMN note text; CREATE INDEX requests_by_note ON requests (note) WHERE note IS NOT NULL",
    ];

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Several_newer_openers_migrate_once_beside_an_older_store_that_goes_on()
    {
        var url = await fixture.NewUrlAsync();
        await using var older = await StoreFactory.OpenAsync(url, cancellationToken: Now);
        await using var busy = await BusyStore.StartAsync(older, Now);

        var migrated = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => MigrateAsync(url)));

        Assert.Single(migrated, done => done);
        var saved = await busy.StopAsync();
        Assert.All(await older.Requests.LoadAsync(saved, Now), request => Assert.Equal(2, request!.Record.Version));
        var refused = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync(url, cancellationToken: Now));
        Assert.Equal(StoreFailure.SchemaTooNew, refused.Failure);
        Assert.Contains("has migrated it. Run that", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_waits_too_long_for_another_s_migration_is_told_so()
    {
        var url = await fixture.NewUrlAsync();
        await using var first = await PostgresSessions.BeginAsync(url, $"SELECT pg_advisory_xact_lock({PostgresSchema.MigrationLock})", Now);

        var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync(url, new StoreOptions { BusyTimeoutMs = 100 }, Now));

        Assert.Equal((StoreFailure.Unavailable, true), (error.Failure, error.Message.StartsWith("Another Millrace is migrating", StringComparison.Ordinal)));
    }

    private static async Task<bool> MigrateAsync(string url)
    {
        await using var connection = new NpgsqlConnection(PostgresUrl.Parse(url).ConnectionString);
        await connection.OpenAsync(Now);
        return await PostgresSchema.MigrateAsync(connection, Newer, Now);
    }
}
