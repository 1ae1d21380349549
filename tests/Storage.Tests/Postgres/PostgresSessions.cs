using Millrace.Storage.Postgres;
using Npgsql;

namespace Millrace.Storage.Tests.Postgres;

/// <summary>Somebody beside the stores.</summary>
internal static class PostgresSessions
{
    /// <summary>A connection to the store's database, in a transaction that has run the statement.</summary>
    public static async Task<NpgsqlConnection> BeginAsync(string url, string statement, CancellationToken cancellationToken)
    {
        var settings = PostgresUrl.Parse(url);
        settings.Pooling = false;
        var connection = new NpgsqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"BEGIN; {statement}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return connection;
    }

    /// <summary>Returns once so many sessions wait for this one's locks.</summary>
    public static async Task UntilWaitedForAsync(this NpgsqlConnection connection, int sessions, CancellationToken cancellationToken)
    {
        await using var look = new NpgsqlCommand(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))", connection);
        while (await look.ExecuteScalarAsync(cancellationToken) is long waiting && waiting < sessions)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
    }
}
