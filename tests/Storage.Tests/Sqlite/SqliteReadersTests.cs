using Millrace.Storage.Sqlite;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Sqlite;

/// <summary>A connection is not closed under whoever reads on it: SQLite would end the process.</summary>
public sealed class SqliteReadersTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closing_waits_for_reads_in_progress_and_refuses_those_that_come_later()
    {
        using var folder = new TemporaryFolder("readers");
        var readers = new SqliteReaders([SqliteDatabase.Open(Path.Combine(folder.Path, "r.db"), 1000)]);
        using var goOn = new ManualResetEventSlim();
        var begun = new TaskCompletionSource();
        var reading = readers.RunAsync(
            (database, _) =>
            {
                begun.SetResult();
                goOn.Wait(Now);
                return database.Scalar("SELECT 42");
            },
            Now);
        await begun.Task;

        var closing = readers.DisposeAsync().AsTask();

        Assert.False(closing.IsCompleted);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => readers.RunAsync((database, _) => database.Scalar("SELECT 1"), Now));
        goOn.Set();
        Assert.Equal(42, await reading);
        await closing.WaitAsync(TimeSpan.FromSeconds(20), Now);
        await readers.DisposeAsync();
    }
}
