using System.Threading.Channels;

namespace Millrace.Storage.Sqlite;

/// <summary>
/// Moves pages from the write-ahead log into the file beside the writer, so that commits do not wait for it. Under constant
/// load this never reaches the log's end; when the log has grown to four times the threshold, the writer moves the little
/// that is left itself, after which the log begins anew.
/// </summary>
internal sealed class SqliteCheckpointer : IAsyncDisposable
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly SqliteDatabase _database;
    private readonly int _thresholdPages;
    private readonly Task _loop;
    private int _pagesSinceSignal;
    private volatile bool _writerMustFinish;

    public SqliteCheckpointer(SqliteDatabase database, int thresholdPages)
    {
        (_database, _thresholdPages) = (database, thresholdPages);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Called by the writer between two transactions.</summary>
    public void AfterCommit(SqliteDatabase writer)
    {
        _pagesSinceSignal += writer.TakePagesWritten();
        if (_pagesSinceSignal < _thresholdPages && !_writerMustFinish)
            return;
        if (_writerMustFinish)
        {
            _writerMustFinish = false;
            TryCheckpoint(writer);
        }
        _pagesSinceSignal = 0;
        _signals.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        _signals.Writer.TryComplete();
        await _loop;
        _database.Dispose();
    }

    private async Task LoopAsync()
    {
        await foreach (var _ in _signals.Reader.ReadAllAsync())
        {
            if (TryCheckpoint(_database) > 4L * _thresholdPages)
                _writerMustFinish = true;
        }
    }

    /// <returns>Pages in the log. A failure (disk full, busy) loses nothing: the log keeps the pages until a later try.</returns>
    private static long TryCheckpoint(SqliteDatabase database)
    {
        try
        {
            using var statement = database.Use("PRAGMA wal_checkpoint(PASSIVE)");
            return statement.Step() ? statement.Int64(1) : 0;
        }
        catch (StoreException)
        {
            return 0;
        }
    }
}
