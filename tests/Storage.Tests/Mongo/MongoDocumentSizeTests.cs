using System.Text;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Mongo;

/// <summary>What the server itself refuses, because a request's transitions together are over 16 MiB.</summary>
public sealed class MongoDocumentSizeTests(MongoStoreFixture fixture) : IClassFixture<MongoStoreFixture>
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_that_grew_too_large_is_refused_alone_and_the_effects_of_the_others_are_found()
    {
        if (fixture.SkipReason is { } reason)
            Assert.Skip(reason);
        await using var store = await StoreFactory.OpenAsync(await fixture.NewUrlAsync(), cancellationToken: Now);
        var (growing, other) = (Guid.NewGuid(), Guid.NewGuid());
        await CommitAsync(store, Moved(growing, 1, 7 << 20), Moved(other, 1, 2));
        await CommitAsync(store, Moved(growing, 2, 7 << 20));

        var refused = await Assert.ThrowsAsync<ArgumentException>(
            () => CommitAsync(store, Moved(growing, 3, 7 << 20), Moved(other, 2, 2) with { Effects = "send"u8.ToArray() }));

        Assert.Contains(growing.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(other.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Equal([2L, 2L], (await store.Requests.LoadAsync([growing, other], Now)).Select(r => r!.Record.Version));
        var claimed = Assert.Single(await store.Requests.ClaimUnsentAsync("manager-2", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, false, 10, Now));
        Assert.Equal(other, Assert.Single(claimed.Entries).RequestId);
    }

    private static Task<CommitResult> CommitAsync(IMillraceStore store, params RequestChange[] changes) =>
        store.Requests.CommitAsync(changes, [], "manager-1", DateTimeOffset.UnixEpoch.AddMinutes(1), Now);

    private static RequestChange Moved(Guid id, long version, int timelineBytes) => new()
    {
        Record = new RequestRecord
        {
            Id = id,
            Workflow = "w",
            DefinitionHash = "h",
            Status = "running",
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Version = version,
            State = Encoding.UTF8.GetBytes("{}"),
        },
        Timeline = new byte[timelineBytes],
    };
}
