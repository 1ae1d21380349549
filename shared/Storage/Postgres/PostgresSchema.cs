using Npgsql;

namespace Millrace.Storage.Postgres;

/// <summary>The tables, migrated by the number in <c>millrace_schema</c>.</summary>
internal static class PostgresSchema
{
    /// <summary>"MILLRACE" as a number: the advisory lock under which one manager migrates and the others wait.</summary>
    internal const long MigrationLock = 0x4D494C4C52414345;

    // requests.wake_at: a lower bound of due_at, or until when a manager has claimed what is due. It moves only when due_at comes before it or
    //   when it has passed, so that most updates change no indexed column and stay in their page (the fill factor leaves room for them).
    // requests.no: the order of arrival, in which journal keeps its rows; without an index, which nothing needs.
    // requests.own_id: the id does not follow from workflow and key, so that the key needs an index of its own.
    // counts.shard: commits at the same time add to different rows, so that they do not wait for each other.
    // Bodies are not compressed: they are written once, mostly read never, and the time is worth more than the space.
    internal static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE requests (
            id uuid PRIMARY KEY, no bigint GENERATED ALWAYS AS IDENTITY, version bigint NOT NULL,
            created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, finished_at timestamptz, due_at timestamptz, wake_at timestamptz,
            parent_id uuid, parent_index int, own_id boolean NOT NULL,
            status text COLLATE "C" NOT NULL, workflow text COLLATE "C" NOT NULL, definition_hash text COLLATE "C" NOT NULL,
            key text COLLATE "C", error_code text COLLATE "C", error_step text COLLATE "C", parent_step text COLLATE "C",
            state bytea NOT NULL) WITH (fillfactor = 50);
        CREATE INDEX requests_by_status ON requests (workflow, status, created_at, no) WHERE parent_id IS NULL;
        CREATE INDEX requests_by_wake ON requests (wake_at) WHERE wake_at IS NOT NULL;
        CREATE INDEX requests_by_parent ON requests (parent_id, parent_step, parent_index) WHERE parent_id IS NOT NULL;
        CREATE INDEX requests_by_key ON requests (key, created_at, no) WHERE own_id AND key IS NOT NULL AND parent_id IS NULL;
        CREATE INDEX requests_by_error_code ON requests (workflow, error_code, created_at, no)
            WHERE error_code IS NOT NULL AND parent_id IS NULL;
        CREATE INDEX requests_by_error_step ON requests (workflow, error_step, created_at, no)
            WHERE error_step IS NOT NULL AND parent_id IS NULL;
        CREATE INDEX requests_by_error ON requests (workflow, error_step, error_code, created_at, no)
            WHERE error_step IS NOT NULL AND error_code IS NOT NULL AND parent_id IS NULL;
        CREATE TABLE journal (
            request bigint NOT NULL, version bigint NOT NULL, counts bytea, timeline bytea,
            outputs bytea, PRIMARY KEY (request, version));
        CREATE TABLE counts (
            shard smallint NOT NULL, workflow text COLLATE "C" NOT NULL, step text COLLATE "C" NOT NULL, status text COLLATE "C" NOT NULL,
            count bigint NOT NULL, PRIMARY KEY (shard, workflow, step, status)) WITH (fillfactor = 20);
        CREATE TABLE outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner text COLLATE "C" NOT NULL, lease_until timestamptz NOT NULL,
            effects bytea NOT NULL) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);
        CREATE TABLE documents (key text COLLATE "C" PRIMARY KEY, version bigint NOT NULL, body bytea NOT NULL);
        CREATE TABLE results (
            key text COLLATE "C" PRIMARY KEY, expires_at timestamptz NOT NULL, body bytea NOT NULL);
        CREATE INDEX results_by_expiry ON results (expires_at);
        ALTER TABLE requests ALTER COLUMN state SET STORAGE EXTERNAL;
        ALTER TABLE journal ALTER COLUMN counts SET STORAGE EXTERNAL, ALTER COLUMN timeline SET STORAGE EXTERNAL,
            ALTER COLUMN outputs SET STORAGE EXTERNAL;
        ALTER TABLE outbox ALTER COLUMN effects SET STORAGE EXTERNAL;
        ALTER TABLE results ALTER COLUMN body SET STORAGE EXTERNAL;
        """,
    ];

    /// <param name="migrations">The first makes version 1, the second makes version 2 of it, and so on.</param>
    /// <returns>True if there was something to migrate.</returns>
    public static async Task<bool> MigrateAsync(
        NpgsqlConnection connection, IReadOnlyList<string> migrations, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await WaitForOthersAsync(connection, cancellationToken);
        await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS millrace_schema (version int NOT NULL)", cancellationToken);
        var version = await ExecuteAsync(connection, "SELECT max(version) FROM millrace_schema", cancellationToken) as int? ?? 0;
        if (version > migrations.Count)
            throw StoreException.TooNew(version, migrations.Count);
        for (var next = version; next < migrations.Count; next++)
            await ExecuteAsync(connection, migrations[next], cancellationToken);
        if (version < migrations.Count)
            await ExecuteAsync(connection, $"INSERT INTO millrace_schema VALUES ({migrations.Count})", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return version < migrations.Count;
    }

    private static async Task WaitForOthersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({MigrationLock})", cancellationToken);
        }
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new StoreException(
                StoreFailure.Unavailable,
                "Another Millrace is migrating this store and was not done within Store:BusyTimeoutMs. Start again once it is.", error);
        }
    }

    private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        // A migration of a large store takes as long as it takes; waits for locks end by lock_timeout.
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        return await command.ExecuteScalarAsync(cancellationToken);
    }
}
