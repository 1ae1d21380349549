using Millrace.Storage.Documents;
using Millrace.Storage.Requests;
using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>The store for many managers at once.</summary>
internal sealed class PostgresStore : IMillraceStore
{
    // Compiling a query takes longer than any of these queries does. Their plans are kept, and made while the tables are small: what
    // is best then would read the whole of them later, so only the way by the indexes is left.
    private const string PlanSettings = "-c jit=off -c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off";

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
        var builder = PostgresUrl.Parse(url);
        builder.MaxPoolSize = options.ReadConnections + options.WriteConnections;
        builder.MaxAutoPrepare = 64;
        builder.AutoPrepareMinUsages = 2;
        builder.ApplicationName ??= "millrace";
        builder.IncludeErrorDetail = false;
        builder.Options = $"{PlanSettings} {builder.Options}".TrimEnd();
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
