using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>Connections of the pool, with errors turned into the store's own.</summary>
internal sealed class PostgresSession(NpgsqlDataSource source) : IAsyncDisposable
{
    private const int MaxTries = 5;

    public static PostgresSession Open(NpgsqlConnectionStringBuilder settings, int connections) =>
        new(NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { MaxPoolSize = connections }));

    /// <summary>
    /// Runs the work on a connection. An unfinished transaction is rolled back when the connection goes back; a collision with
    /// another manager is tried again.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync(cancellationToken);
                return await work(connection);
            }
            catch (NpgsqlException error) when (PostgresErrors.IsCollision(error) && attempt < MaxTries)
            {
            }
            catch (Exception error) when (error is NpgsqlException or TimeoutException or IOException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw PostgresErrors.From(error);
            }
        }
    }

    public ValueTask DisposeAsync() => source.DisposeAsync();
}
