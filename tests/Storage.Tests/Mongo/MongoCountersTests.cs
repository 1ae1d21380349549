using System.Text;
using Millrace.Storage.Mongo;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Mongo;

/// <summary>Counters are moved after the transitions: what becomes of those of a commit that failed in between.</summary>
public sealed class MongoCountersTests(MongoStoreFixture fixture) : MongoTest(fixture)
{
    [Fact]
    public async Task A_counter_takes_each_commit_once_and_every_commit_of_those_that_make_it_together()
    {
        await Task.WhenAll(Enumerable.Range(1, 8).Select(MoveAsync));
        await Task.WhenAll(Enumerable.Range(1, 8).Select(MoveAsync));

        Assert.Equal(8, Assert.Single(await Store.Requests.CountAsync(Now)).Count);

        Task MoveAsync(int commit) => Counters.MoveAsync(Collections, [new RequestCount("w", "s", "completed", 1)], commit, Now);
    }

    [Fact]
    public async Task What_a_failed_commit_saved_is_counted_with_the_next_and_what_it_did_not_save_is_not()
    {
        var (saved, lost) = (Accepted(), Accepted());
        var commit = (await Store.Requests.CommitAsync([saved with { Counts = [] }], [], "manager-1", default, Now)).Ticket.Id;
        var unclear = new UnclearCounts(Collections);
        unclear.Add(commit, [saved, lost]);

        await unclear.SettleAsync(Now);
        unclear.Add(commit, [saved, lost]);
        await unclear.SettleAsync(Now);

        Assert.Equal(1, Assert.Single(await Store.Requests.CountAsync(Now)).Count);
    }

    private static RequestChange Accepted() => new()
    {
        Record = new RequestRecord
        {
            Id = Guid.NewGuid(),
            Workflow = "w",
            DefinitionHash = "h",
            Status = "running",
            CreatedAt = DateTimeOffset.UnixEpoch,
            UpdatedAt = DateTimeOffset.UnixEpoch,
            Version = 1,
            State = Encoding.UTF8.GetBytes("{}"),
        },
        Effects = Encoding.UTF8.GetBytes("send"),
        Counts = [new CountDelta("w", "", "running", 1)],
    };
}
