namespace Millrace.Storage.Sqlite;

/// <summary>
/// The tables, migrated by the file's <c>user_version</c>. Ids are random, so rows are kept in the order of arrival (an integer
/// key) and only one narrow index is in the order of ids: writing stays as fast at a million requests as at a thousand.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>"MILL": says in the file itself whose it is.</summary>
    private const int ApplicationId = 0x4D494C4C;

    // names: workflows, definition hashes, steps and statuses as small numbers; 1 to 4 are the statuses of requests.
    // requests.last_journal, last_output: heads of two chains through journal (prev, prev_output), which has no index to keep.
    // requests.wake_at: a lower bound of due_at. It moves only when due_at comes before it or when it has passed, so that
    //   a request whose steps answer in time is written into the index once and removed once.
    // requests.own_id: the id does not follow from workflow and key, so that the key needs an index of its own.
    internal static readonly IReadOnlyList<string> Migrations =
    [
        """
        CREATE TABLE names (no INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        INSERT INTO names VALUES (1, 'running'), (2, 'completed'), (3, 'failed'), (4, 'cancelled');
        CREATE TABLE requests (
            no INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, version INTEGER NOT NULL, status INTEGER NOT NULL,
            workflow INTEGER NOT NULL, definition INTEGER NOT NULL, last_journal INTEGER NOT NULL, last_output INTEGER NOT NULL,
            created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, finished_at INTEGER, due_at INTEGER, wake_at INTEGER,
            parent BLOB, parent_step INTEGER, parent_index INTEGER, own_id INTEGER NOT NULL,
            key TEXT, error_code TEXT, error_step TEXT, state BLOB NOT NULL);
        CREATE INDEX requests_by_status ON requests (workflow, status, created_at) WHERE parent IS NULL;
        CREATE INDEX requests_by_wake ON requests (wake_at) WHERE status = 1 AND wake_at IS NOT NULL;
        CREATE INDEX requests_by_parent ON requests (parent, parent_step, parent_index, created_at) WHERE parent IS NOT NULL;
        CREATE INDEX requests_by_key ON requests (key, created_at) WHERE own_id = 1 AND key IS NOT NULL AND parent IS NULL;
        CREATE INDEX requests_by_error_code ON requests (workflow, error_code, created_at)
            WHERE error_code IS NOT NULL AND parent IS NULL;
        CREATE INDEX requests_by_error_step ON requests (workflow, error_step, created_at)
            WHERE error_step IS NOT NULL AND parent IS NULL;
        CREATE INDEX requests_by_error ON requests (workflow, error_step, error_code, created_at)
            WHERE error_step IS NOT NULL AND error_code IS NOT NULL AND parent IS NULL;
        CREATE TABLE journal (
            no INTEGER PRIMARY KEY, version INTEGER NOT NULL, prev INTEGER NOT NULL, prev_output INTEGER NOT NULL,
            counts BLOB, timeline BLOB, outputs BLOB);
        CREATE TABLE counts (
            workflow INTEGER NOT NULL, step INTEGER NOT NULL, status INTEGER NOT NULL, count INTEGER NOT NULL,
            PRIMARY KEY (workflow, step, status)) WITHOUT ROWID;
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, lease_until INTEGER NOT NULL, effects BLOB NOT NULL);
        CREATE TABLE documents (key TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE TABLE results (key TEXT NOT NULL UNIQUE, expires_at INTEGER NOT NULL, body BLOB NOT NULL);
        CREATE INDEX results_by_expiry ON results (expires_at);
        """,
    ];

    /// <summary>Two openers at once are safe: the versions are read under the write lock.</summary>
    /// <param name="migrations">The first makes version 1, the second makes version 2 of it, and so on.</param>
    public static void Migrate(SqliteDatabase database, IReadOnlyList<string> migrations)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            var version = Version(database);
            if (version > migrations.Count)
                throw StoreException.TooNew(version, migrations.Count);
            if (version == 0 && database.Scalar("SELECT count(*) FROM sqlite_schema") > 0)
                throw new StoreException(StoreFailure.Configuration, "The file is a SQLite database of something else.");
            for (var next = version; next < migrations.Count; next++)
                database.Execute(migrations[next]);
            if (version < migrations.Count)
                database.Execute($"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {migrations.Count};");
            database.Execute("COMMIT");
        }
        catch
        {
            database.Rollback();
            throw;
        }
    }

    private static int Version(SqliteDatabase database) =>
        database.Scalar("PRAGMA application_id") is ApplicationId or 0 ? (int)database.Scalar("PRAGMA user_version") : 0;
}
