using System.Text;
using Millrace.Storage.Packing;
using SQLitePCL;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// A prepared statement, bound anew at each use. Disposing ends the use and keeps the statement; its database closes it.
/// The raw binding is used because one writer's time is mostly spent in calls like these.
/// </summary>
internal sealed class SqliteStatement(sqlite3 database, sqlite3_stmt handle) : IDisposable
{
    private const int StackBytes = 512;

    public SqliteStatement Bind(int index, long value)
    {
        Check(raw.sqlite3_bind_int64(handle, index, value));
        return this;
    }

    public SqliteStatement Bind(int index, long? value)
    {
        Check(value is { } number ? raw.sqlite3_bind_int64(handle, index, number) : raw.sqlite3_bind_null(handle, index));
        return this;
    }

    public SqliteStatement Bind(int index, string? text)
    {
        if (text is null)
        {
            Check(raw.sqlite3_bind_null(handle, index));
            return this;
        }
        var limit = text.Length * 3;
        var bytes = limit <= StackBytes ? stackalloc byte[StackBytes] : new byte[limit];
        Check(raw.sqlite3_bind_text(handle, index, bytes[..Encoding.UTF8.GetBytes(text, bytes)]));
        return this;
    }

    public SqliteStatement Bind(int index, ReadOnlySpan<byte> blob)
    {
        Check(blob.IsEmpty ? raw.sqlite3_bind_zeroblob(handle, index, 0) : raw.sqlite3_bind_blob(handle, index, blob));
        return this;
    }

    /// <summary>Null instead of an empty blob.</summary>
    public SqliteStatement BindUnlessEmpty(int index, ReadOnlySpan<byte> blob)
    {
        Check(blob.IsEmpty ? raw.sqlite3_bind_null(handle, index) : raw.sqlite3_bind_blob(handle, index, blob));
        return this;
    }

    public SqliteStatement Bind(int index, Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return Bind(index, bytes);
    }

    public SqliteStatement BindUnlessNull(int index, Guid? id)
    {
        if (id is { } value)
            return Bind(index, value);
        Check(raw.sqlite3_bind_null(handle, index));
        return this;
    }

    /// <returns>True if a row can be read.</returns>
    public bool Step()
    {
        var code = raw.sqlite3_step(handle);
        if (code == raw.SQLITE_ROW)
            return true;
        if (code == raw.SQLITE_DONE)
            return false;
        var error = SqliteErrors.From(code, database);
        raw.sqlite3_reset(handle);
        throw error;
    }

    /// <summary>Steps to the end and ends the use.</summary>
    /// <returns>The number of rows inserted, updated or deleted.</returns>
    public int Run()
    {
        while (Step())
        {
        }
        raw.sqlite3_reset(handle);
        return raw.sqlite3_changes(database);
    }

    public bool IsNull(int column) => raw.sqlite3_column_type(handle, column) == raw.SQLITE_NULL;

    public long Int64(int column) => raw.sqlite3_column_int64(handle, column);

    public int Int32(int column) => raw.sqlite3_column_int(handle, column);

    public long? NullableInt64(int column) => IsNull(column) ? null : Int64(column);

    /// <summary>A time stored as microseconds.</summary>
    public DateTimeOffset? Time(int column) => IsNull(column) ? null : Micros.ToTime(Int64(column));

    public string? Text(int column) => IsNull(column) ? null : Encoding.UTF8.GetString(raw.sqlite3_column_blob(handle, column));

    /// <summary>Valid until the next step.</summary>
    public ReadOnlySpan<byte> Span(int column) => raw.sqlite3_column_blob(handle, column);

    public byte[] Blob(int column) => Span(column).ToArray();

    public Guid Id(int column) => new(Span(column), bigEndian: true);

    public void Dispose() => raw.sqlite3_reset(handle);

    internal void Close() => raw.sqlite3_finalize(handle);

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
            throw SqliteErrors.From(code, database);
    }
}
