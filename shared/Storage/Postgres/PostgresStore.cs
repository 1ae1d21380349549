using Millrace.Storage.Documents;
using Millrace.Storage.Requests;
using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>The store for many managers at once.</summary>
internal sealed class PostgresStore : IMillraceStore
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresSession _session;

    private PostgresStore(NpgsqlDataSource source, string description, int commitsAtOnce)
    {
        (_source, Description, CommitsAtOnce) = (source, description, commitsAtOnce);
        _session = new PostgresSession(source);
        Requests = new PostgresRequestStore(_session);
        Documents = new PostgresDocumentStore(_session);
        Results = new PostgresResultCache(_session);
    }

    public IRequestStore Requests { get; }

    public IDocumentStore Documents { get; }

    public IResultCache Results { get; }

    public string Description { get; }

    public int CommitsAtOnce { get; }

    public static async Task<PostgresStore> OpenAsync(string url, StoreOptions options, CancellationToken cancellationToken)
    {
        var builder = PostgresSettings.Read(url, options);
        var source = NpgsqlDataSource.Create(builder);
        try
        {
            var store = new PostgresStore(source, $"postgres://{builder.Host}:{builder.Port}/{builder.Database}", options.CommitsAtOnce);
            await store._session.RunAsync(connection => PostgresSchema.MigrateAsync(connection, cancellationToken), cancellationToken);
            return store;
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes a transaction number, which a server that only reads refuses.</summary>
    public Task CheckAsync(CancellationToken cancellationToken) => _session.RunAsync(
        async connection =>
        {
            await using var command = new NpgsqlCommand("SELECT pg_current_xact_id()::text", connection);
            return await command.ExecuteScalarAsync(cancellationToken);
        },
        cancellationToken);

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
