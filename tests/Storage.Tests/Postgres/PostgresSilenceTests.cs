using Millrace.Storage.Requests;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Postgres;

/// <summary>A manager whose machine or wire is gone without a word, in the middle of a commit.</summary>
public sealed class PostgresSilenceTests(PostgresStoreFixture fixture) : IClassFixture<PostgresStoreFixture>
{
    private static readonly StoreOptions Impatient = new() { BusyTimeoutMs = 2_000 };

    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_that_it_holds_are_free_again_before_those_who_wait_for_them_give_up()
    {
        var url = await fixture.NewUrlAsync();
        await using var wire = new TcpProxy(fixture.Server.Port);
        var far = url.Replace($":{fixture.Server.Port}/", $":{wire.Port}/", StringComparison.Ordinal);
        await using var other = await StoreFactory.OpenAsync(url, Impatient, Now);
        await using var lost = await StoreFactory.OpenAsync(far, Impatient, Now);
        RequestChange[] born = [Request(1), Request(2)];
        await CommitAsync(other, born);

        // The commit has its first row and waits for the second when the wire falls silent: then the server's answer is lost, and
        // nobody says how the transaction is to end.
        var hold = $"SELECT FROM requests WHERE id = '{born[1].Record.Id}' FOR UPDATE";
        await using (var holder = await PostgresSessions.BeginAsync(url, hold, Now))
        {
            _ = CommitAsync(lost, Request(1, version: 2), Request(2, version: 2)).ContinueWith(_ => { }, TaskScheduler.Default);
            await holder.UntilWaitedForAsync(1, Now);
            wire.Silence();
        }

        Assert.Empty((await CommitAsync(other, Request(1, version: 2))).Conflicts);
    }

    private static Task<CommitResult> CommitAsync(IMillraceStore store, params RequestChange[] changes) =>
        store.Requests.CommitAsync(changes, [], "manager", DateTimeOffset.UnixEpoch, Now);

    private static RequestChange Request(byte id, long version = 1) => new()
    {
        Record = new RequestRecord
        {
            Id = new Guid(id, 0, 0, new byte[8]),
            Workflow = "enrich-post",
            DefinitionHash = "sha256:3f",
            Status = "running",
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Version = version,
            State = new byte[150],
        },
    };
}
