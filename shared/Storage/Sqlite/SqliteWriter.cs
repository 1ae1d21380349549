using System.Threading.Channels;

namespace Millrace.Storage.Sqlite;

/// <summary>The one writing connection: callers queue, each job is one transaction.</summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private readonly Channel<Job> _jobs;
    private readonly SqliteDatabase _database;
    private readonly NameTable _names = new();
    private readonly SqliteCheckpointer _checkpointer;
    private readonly Task _loop;

    public SqliteWriter(SqliteDatabase database, SqliteCheckpointer checkpointer, int queueLimit)
    {
        (_database, _checkpointer) = (database, checkpointer);
        _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(queueLimit) { SingleReader = true });
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Runs the work inside a transaction that is durable when the task ends; if it throws, nothing is written.</summary>
    public async Task<T> RunAsync<T>(Func<SqliteDatabase, NameTable, T> work, CancellationToken cancellationToken)
    {
        var job = new Job<T>(work, cancellationToken);
        try
        {
            await _jobs.Writer.WriteAsync(job, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteWriter));
        }
        return await job.Result;
    }

    public async ValueTask DisposeAsync()
    {
        _jobs.Writer.TryComplete();
        await _loop;
        _database.Dispose();
    }

    private async Task LoopAsync()
    {
        await foreach (var job in _jobs.Reader.ReadAllAsync())
        {
            job.Run(_database, _names);
            _checkpointer.AfterCommit(_database);
        }
    }

    private abstract class Job
    {
        public abstract void Run(SqliteDatabase database, NameTable names);
    }

    private sealed class Job<T>(Func<SqliteDatabase, NameTable, T> work, CancellationToken cancellationToken) : Job
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Result => _done.Task;

        public override void Run(SqliteDatabase database, NameTable names)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                _done.SetCanceled(cancellationToken);
                return;
            }
            try
            {
                database.Use("BEGIN IMMEDIATE").Run();
                var result = work(database, names);
                database.Use("COMMIT").Run();
                _done.SetResult(result);
            }
            catch (Exception error) // The caller's, whatever it is: the loop serves all the others.
            {
                names.Forget();
                Rollback(database, error);
            }
        }

        private void Rollback(SqliteDatabase database, Exception error)
        {
            try
            {
                database.Rollback();
                _done.SetException(error);
            }
            catch (StoreException again)
            {
                _done.SetException(new AggregateException(error, again));
            }
        }
    }
}
