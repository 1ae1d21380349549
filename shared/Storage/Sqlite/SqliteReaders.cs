using System.Threading.Channels;

namespace Millrace.Storage.Sqlite;

/// <summary>Connections that only read. Each sees everything that was committed before its read began.</summary>
internal sealed class SqliteReaders : IDisposable
{
    private readonly Channel<Reader> _free;
    private readonly List<Reader> _all = [];

    public SqliteReaders(IEnumerable<SqliteDatabase> databases)
    {
        _all.AddRange(databases.Select(database => new Reader(database, new NameTable())));
        _free = Channel.CreateBounded<Reader>(_all.Count);
        _all.ForEach(reader => _free.Writer.TryWrite(reader));
    }

    /// <summary>Runs the work on one snapshot, on a pool thread.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteDatabase, NameTable, T> work, CancellationToken cancellationToken)
    {
        var reader = await _free.Reader.ReadAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(reader, work), cancellationToken);
        }
        finally
        {
            _free.Writer.TryWrite(reader);
        }
    }

    public void Dispose() => _all.ForEach(reader => reader.Database.Dispose());

    private static T Read<T>(Reader reader, Func<SqliteDatabase, NameTable, T> work)
    {
        reader.Database.Use("BEGIN").Run();
        try
        {
            return work(reader.Database, reader.Names);
        }
        finally
        {
            reader.Database.Rollback();
        }
    }

    private sealed record Reader(SqliteDatabase Database, NameTable Names);
}
