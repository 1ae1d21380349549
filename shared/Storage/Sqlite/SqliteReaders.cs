using System.Threading.Channels;

namespace Millrace.Storage.Sqlite;

/// <summary>Connections that only read. Each sees everything that was committed before its read began. Closing waits for reads in progress.</summary>
internal sealed class SqliteReaders : IAsyncDisposable
{
    private readonly Channel<Reader> _free;
    private readonly int _count;
    private int _closed;

    public SqliteReaders(IEnumerable<SqliteDatabase> databases)
    {
        var all = databases.Select(database => new Reader(database, new NameTable())).ToList();
        _count = all.Count;
        _free = Channel.CreateBounded<Reader>(_count);
        all.ForEach(reader => _free.Writer.TryWrite(reader));
    }

    /// <summary>Runs the work on one snapshot, on a pool thread.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteDatabase, NameTable, T> work, CancellationToken cancellationToken)
    {
        var reader = await TakeAsync(cancellationToken);
        try
        {
            return await Task.Run(() => Read(reader, work), cancellationToken);
        }
        finally
        {
            _free.Writer.TryWrite(reader);
        }
    }

    /// <summary>A connection that is closed while a thread reads on it would end the process.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
            return;
        for (var closed = 0; closed < _count; closed++)
            (await _free.Reader.ReadAsync()).Database.Dispose();
        _free.Writer.Complete();
    }

    private async ValueTask<Reader> TakeAsync(CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _closed) == 1, this);
        try
        {
            return await _free.Reader.ReadAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteReaders));
        }
    }

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
