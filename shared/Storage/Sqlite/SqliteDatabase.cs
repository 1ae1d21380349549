using SQLitePCL;

namespace Millrace.Storage.Sqlite;

/// <summary>One connection with its prepared statements; used by one thread at a time.</summary>
internal sealed class SqliteDatabase : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private readonly sqlite3 _handle;

    static SqliteDatabase() => Batteries_V2.Init();

    private SqliteDatabase(sqlite3 handle) => _handle = handle;

    public long LastInsertRowId => raw.sqlite3_last_insert_rowid(_handle);

    public static SqliteDatabase Open(string path, int busyTimeoutMs)
    {
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX;
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        if (code != raw.SQLITE_OK)
        {
            var error = SqliteErrors.From(code, handle);
            raw.sqlite3_close_v2(handle);
            throw error;
        }
        raw.sqlite3_busy_timeout(handle, busyTimeoutMs);
        return new SqliteDatabase(handle);
    }

    /// <summary>Ready to bind; the text is the name under which the prepared statement is kept.</summary>
    public SqliteStatement Use(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            var code = raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out var prepared);
            if (code != raw.SQLITE_OK)
                throw SqliteErrors.From(code, _handle);
            _statements[sql] = statement = new SqliteStatement(_handle, prepared);
        }
        return statement;
    }

    /// <summary>Runs statements that are needed once.</summary>
    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
            throw SqliteErrors.From(code, _handle);
    }

    public long Scalar(string sql)
    {
        using var statement = Use(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>Ends a failed transaction, if SQLite has not ended it itself.</summary>
    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0)
            Execute("ROLLBACK");
    }

    /// <summary>Pages written since the last call.</summary>
    public int TakePagesWritten()
    {
        raw.sqlite3_db_status(_handle, raw.SQLITE_DBSTATUS_CACHE_WRITE, out var pages, out _, 1);
        return pages;
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
            statement.Close();
        raw.sqlite3_close_v2(_handle);
        _handle.Dispose();
    }
}
