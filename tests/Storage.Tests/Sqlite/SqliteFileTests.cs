using Millrace.Storage.Requests;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Sqlite;

/// <summary>What happens to the file itself: torn, damaged, killed beside, full.</summary>
public sealed class SqliteFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("sqlite-file");

    private string File => Path.Combine(_folder.Path, "store.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_something_else_is_refused()
    {
        await System.IO.File.WriteAllTextAsync(File, new string('x', 5000), Now);

        await AssertRefusedAsync(StoreFailure.Corrupt);
    }

    [Fact]
    public async Task A_file_that_was_cut_off_is_refused()
    {
        await FillAsync(200);
        using (var stream = new FileStream(File, FileMode.Open))
            stream.SetLength(stream.Length - 5000);

        await AssertRefusedAsync(StoreFailure.Corrupt);
    }

    [Fact]
    public async Task An_emptied_file_beside_its_log_is_not_taken_for_a_new_store()
    {
        var copy = await CopyWhileOpenAsync(20);
        await System.IO.File.WriteAllBytesAsync(copy, [], Now);

        var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync($"sqlite:{copy}", cancellationToken: Now));
        Assert.Equal(StoreFailure.Corrupt, error.Failure);
    }

    [Fact]
    public async Task Damaged_pages_are_named_as_damage_and_never_read_as_data()
    {
        await FillAsync(500);
        var bytes = await System.IO.File.ReadAllBytesAsync(File, Now);
        new Random(5).NextBytes(bytes.AsSpan(8192));
        await System.IO.File.WriteAllBytesAsync(File, bytes, Now);

        var error = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            await using var store = await OpenAsync();
            await store.Requests.ListAsync(new RequestQuery { Limit = 1000 }, Now);
        });
        Assert.Equal(StoreFailure.Corrupt, error.Failure);
    }

    [Fact]
    public async Task What_a_killed_process_had_committed_is_in_its_log_and_is_read_back()
    {
        var copy = await CopyWhileOpenAsync(300);

        await using var store = await StoreFactory.OpenAsync($"sqlite:{copy}", cancellationToken: Now);
        Assert.Equal(300, (await store.Requests.ListAsync(new RequestQuery { Limit = 1000 }, Now)).Items.Count);
    }

    [Fact]
    public async Task A_log_torn_in_its_last_commit_loses_that_commit_alone()
    {
        var copy = await CopyWhileOpenAsync(300);
        using (var log = new FileStream(copy + "-wal", FileMode.Open))
            log.SetLength(log.Length - 100);

        await using var store = await StoreFactory.OpenAsync($"sqlite:{copy}", cancellationToken: Now);
        Assert.Equal(299, (await store.Requests.ListAsync(new RequestQuery { Limit = 1000 }, Now)).Items.Count);
    }

    [Fact]
    public async Task A_log_damaged_before_its_last_commit_is_refused()
    {
        var copy = await CopyWhileOpenAsync(300);
        using (var log = new FileStream(copy + "-wal", FileMode.Open))
        {
            log.Position = log.Length / 2;
            log.Write("damage"u8);
        }

        var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync($"sqlite:{copy}", cancellationToken: Now));
        Assert.Equal(StoreFailure.Corrupt, error.Failure);
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await FillAsync(1);
        using (var database = Millrace.Storage.Sqlite.SqliteDatabase.Open(File, 1000))
            database.Execute("PRAGMA user_version = 99");

        await AssertRefusedAsync(StoreFailure.SchemaTooNew);
    }

    [Fact]
    public async Task A_full_disk_saves_nothing_of_the_commit_and_works_again_once_there_is_space()
    {
        await using var disk = await SmallDisk.MountAsync(_folder.Path, megabytes: 8);
        Assert.SkipWhen(disk is null, "A small disk can only be mounted by root with the right to mount.");
        await using var store = await StoreFactory.OpenAsync($"sqlite:{disk.Path}/store.db", cancellationToken: Now);
        await CommitAsync(store, New());
        var ballast = Path.Combine(disk.Path, "ballast");
        await disk.FillAsync(ballast, leaveBytes: 1 << 20);

        var large = New() with { Outputs = [new("embed", new byte[3 << 20])] };
        var error = await Assert.ThrowsAsync<StoreException>(() => CommitAsync(store, New(), large));

        Assert.Equal((StoreFailure.Full, true), (error.Failure, error.IsTransient));
        Assert.Single((await store.Requests.ListAsync(new RequestQuery(), Now)).Items);
        System.IO.File.Delete(ballast);
        await CommitAsync(store, New(), large);
        Assert.Equal(3, (await store.Requests.ListAsync(new RequestQuery(), Now)).Items.Count);
    }

    [Fact]
    public async Task While_another_holds_the_files_lock_nothing_is_saved_and_afterwards_all_is()
    {
        await using var store = await StoreFactory.OpenAsync($"sqlite:{File}", new StoreOptions { BusyTimeoutMs = 100 }, cancellationToken: Now);
        using (var other = Millrace.Storage.Sqlite.SqliteDatabase.Open(File, 1000))
        {
            other.Execute("BEGIN IMMEDIATE");
            var error = await Assert.ThrowsAsync<StoreException>(() => CommitAsync(store, New()));
            Assert.Equal((StoreFailure.Unavailable, true), (error.Failure, error.IsTransient));
            other.Execute("ROLLBACK");
        }

        Assert.Empty((await store.Requests.ListAsync(new RequestQuery(), Now)).Items);
        await CommitAsync(store, New());
        Assert.Single((await store.Requests.ListAsync(new RequestQuery(), Now)).Items);
    }

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    private Task<IMillraceStore> OpenAsync() => StoreFactory.OpenAsync($"sqlite:{File}", cancellationToken: Now);

    private async Task AssertRefusedAsync(StoreFailure failure) =>
        Assert.Equal(failure, (await Assert.ThrowsAsync<StoreException>(OpenAsync)).Failure);

    private async Task FillAsync(int requests)
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < requests; i++)
            await CommitAsync(store, New());
    }

    /// <summary>The files as a killed process would leave them.</summary>
    private async Task<string> CopyWhileOpenAsync(int requests)
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < requests; i++)
            await CommitAsync(store, New());
        var copy = Path.Combine(_folder.Path, "copy.db");
        System.IO.File.Copy(File, copy);
        System.IO.File.Copy(File + "-wal", copy + "-wal");
        return copy;
    }

    private static Task<CommitResult> CommitAsync(IMillraceStore store, params RequestChange[] changes) =>
        store.Requests.CommitAsync(changes, [], "manager-1", DateTimeOffset.UnixEpoch, Now);

    private static RequestChange New() => new()
    {
        Record = new RequestRecord
        {
            Id = Guid.NewGuid(),
            Workflow = "enrich-post",
            DefinitionHash = "sha256:3f",
            Status = "running",
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Version = 1,
            State = new byte[150],
        },
    };
}
