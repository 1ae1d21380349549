using SQLitePCL;

namespace Millrace.Storage.Sqlite;

internal static class SqliteErrors
{
    public static StoreException From(int code, sqlite3? database)
    {
        var text = database is null ? raw.sqlite3_errstr(code).utf8_to_string() : raw.sqlite3_errmsg(database).utf8_to_string();
        return (code & 0xFF) switch
        {
            raw.SQLITE_FULL => new StoreException(StoreFailure.Full, "The disk that holds the store is full; nothing was saved."),
            raw.SQLITE_CORRUPT => new StoreException(
                StoreFailure.Corrupt, $"The store's file is damaged ({text}). Stop, and restore it from a copy."),
            raw.SQLITE_NOTADB => new StoreException(StoreFailure.Corrupt, "The store's file is not a SQLite database."),
            raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM => new StoreException(
                StoreFailure.Configuration, $"The store's file can't be opened for writing ({text})."),
            _ => new StoreException(StoreFailure.Unavailable, $"SQLite failed with code {code} ({text})."),
        };
    }
}
