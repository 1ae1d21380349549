using Millrace.Storage.Documents;
using Millrace.Storage.Requests;
using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>The store for many managers at once.</summary>
internal sealed class PostgresStore : IMillraceStore
{
    private readonly PostgresSession _reads;
    private readonly PostgresSession _writes;
    private readonly PostgresSession _views;

    private PostgresStore(NpgsqlConnectionStringBuilder settings, StoreOptions options)
    {
        Description = $"postgres://{settings.Host}:{settings.Port}/{settings.Database}";
        CommitsAtOnce = options.CommitsAtOnce;
        // Apart, so that commits never wait behind reads, nor either behind those who look.
        _reads = PostgresSession.Open(settings, options.ReadConnections);
        _writes = PostgresSession.Open(settings, options.WriteConnections);
        _views = PostgresSession.Open(settings, options.ViewConnections);
        Requests = new PostgresRequestStore(_reads, _writes);
        Views = new PostgresRequestReader(_views);
        Documents = new PostgresDocumentStore(_reads, _writes);
        Results = new PostgresResultCache(_reads, _writes);
    }

    public IRequestStore Requests { get; }

    public IRequestReader Views { get; }

    public IDocumentStore Documents { get; }

    public IResultCache Results { get; }

    public string Description { get; }

    public int CommitsAtOnce { get; }

    public bool IsShared => true;

    public bool CountsAreExact => true;

    public static async Task<PostgresStore> OpenAsync(string url, StoreOptions options, CancellationToken cancellationToken)
    {
        var store = new PostgresStore(PostgresSettings.Read(url, options), options);
        try
        {
            await store._writes.RunAsync(connection => PostgresSchema.MigrateAsync(connection, PostgresSchema.Migrations, cancellationToken), cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    public Task<DateTimeOffset?> ReadClockAsync(CancellationToken cancellationToken) => _reads.RunAsync<DateTimeOffset?>(
        async connection =>
        {
            await using var command = new NpgsqlCommand("SELECT clock_timestamp()", connection);
            return new DateTimeOffset((DateTime)(await command.ExecuteScalarAsync(cancellationToken))!);
        },
        cancellationToken);

    /// <summary>Takes a transaction number, which a server that only reads refuses.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => _writes.RunAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand("SELECT pg_current_xact_id()::text", connection);
            return await command.ExecuteScalarAsync(cancellationToken);
        },
        cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _reads.DisposeAsync();
        await _writes.DisposeAsync();
        await _views.DisposeAsync();
    }
}
