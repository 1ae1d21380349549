using Millrace.Storage.Requests;
using Millrace.Testing;

namespace Millrace.Storage.Tests.Postgres;

/// <summary>What happens when the server itself goes: killed, and back again.</summary>
public sealed class PostgresServerTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_server_loses_no_commit_and_is_used_again_when_it_is_back()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Now);
        await using var store = await StoreFactory.OpenAsync(server.Url(), cancellationToken: Now);
        var saved = new List<Guid>();
        for (var i = 0; i < 20; i++)
            saved.Add(await CommitAsync(store));

        await server.KillAsync(Now);
        var error = await Assert.ThrowsAsync<StoreException>(() => CommitAsync(store));
        Assert.True(error.IsTransient);
        await server.StartServerAsync(Now);

        await RetryAsync(() => CommitAsync(store));
        Assert.All(await store.Requests.LoadAsync(saved, Now), Assert.NotNull);
    }

    [Fact]
    public async Task The_server_s_clock_can_be_read()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Now);
        await using var store = await StoreFactory.OpenAsync(server.Url(), cancellationToken: Now);

        var before = TimeProvider.System.GetUtcNow();
        var there = await store.ReadClockAsync(Now);

        // The server runs on this machine; it counts microseconds.
        Assert.InRange(Assert.NotNull(there), before.AddMilliseconds(-1), TimeProvider.System.GetUtcNow().AddMilliseconds(1));
    }

    [Fact]
    public async Task A_commit_does_not_wait_behind_those_who_look()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Now);
        var options = new StoreOptions { ReadConnections = 2, WriteConnections = 1, BusyTimeoutMs = 60_000 };
        await using var store = await StoreFactory.OpenAsync(server.Url() + "?Timeout=60", options, Now);
        var looks = new List<Task>();
        await using (var holder = await PostgresSessions.BeginAsync(server.Url(), "LOCK TABLE documents", Now))
        {
            looks.AddRange(Enumerable.Range(0, 20).Select(_ => store.Documents.GetAsync("gate", Now)));
            await holder.UntilWaitedForAsync(2, Now);

            await CommitAsync(store);

            Assert.All(looks, look => Assert.False(look.IsCompleted));
        }
        await Task.WhenAll(looks);
    }

    [Fact]
    public async Task What_the_manager_reads_does_not_wait_behind_those_who_look()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Now);
        await using var store = await StoreFactory.OpenAsync(server.Url() + "?Timeout=60", new StoreOptions { ViewConnections = 2, BusyTimeoutMs = 60_000 }, Now);
        var id = await CommitAsync(store);
        var looks = new List<Task>();
        await using (var holder = await PostgresSessions.BeginAsync(server.Url(), "LOCK TABLE counts", Now))
        {
            looks.AddRange(Enumerable.Range(0, 20).Select(_ => store.Views.CountAsync(Now)));
            await holder.UntilWaitedForAsync(2, Now);

            Assert.NotNull((await store.Requests.LoadAsync([id], Now))[0]);

            Assert.All(looks, look => Assert.False(look.IsCompleted));
        }
        await Task.WhenAll(looks);
    }

    [Fact]
    public async Task A_wrong_password_and_a_missing_database_are_bad_configuration()
    {
        await using var server = await PostgresServer.StartAsync(cancellationToken: Now);
        foreach (var url in new[] { server.Url().Replace("millrace-secret", "hunter2", StringComparison.Ordinal), server.Url("missing") })
        {
            var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync(url, cancellationToken: Now));
            Assert.Equal(StoreFailure.Configuration, error.Failure);
            Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("millrace-secret", error.ToString(), StringComparison.Ordinal);
        }
    }

    // The pool may still hold connections of the time before; each is found to be dead once.
    private static async Task RetryAsync(Func<Task> action)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await action();
                return;
            }
            catch (StoreException error) when (error.IsTransient && attempt < 30)
            {
            }
        }
    }

    private static async Task<Guid> CommitAsync(IMillraceStore store)
    {
        var id = Guid.NewGuid();
        var change = new RequestChange
        {
            Record = new RequestRecord
            {
                Id = id,
                Workflow = "enrich-post",
                DefinitionHash = "sha256:3f",
                Status = "running",
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Version = 1,
                State = new byte[150],
            },
        };
        await store.Requests.CommitAsync([change], [], "manager-1", DateTimeOffset.UnixEpoch, Now);
        return id;
    }
}
