using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Due_requests_are_found_earliest_first_up_to_the_limit()
    {
        var (late, soon, never, later) = (Due(30), Due(10), Accepted(), Due(99));
        await CommitAsync(late, soon, never, later);

        Assert.Empty(await FindDueAsync(Start.AddSeconds(9), 10));
        Assert.Equal([soon.Record.Id], await FindDueAsync(Start.AddSeconds(10), 10));
        Assert.Equal([soon.Record.Id, late.Record.Id], await FindDueAsync(Start.AddSeconds(60), 10));
        Assert.Equal([soon.Record.Id], await FindDueAsync(Start.AddSeconds(60), 1));
    }

    [Fact]
    public async Task Of_more_than_a_page_whose_times_were_put_off_the_earliest_are_found_first()
    {
        var changes = Enumerable.Range(0, 40).Select(Due).ToArray();
        await CommitAsync(changes);
        // Put off in the other order; half of them beyond the time that is asked about.
        var moved = changes.Select((change, index) => After(change, r => r with { DueAt = Start.AddSeconds(200 - (index * 4)) })).ToArray();
        await CommitAsync(moved);

        var due = await FindDueAsync(Start.AddSeconds(120), 3);

        Assert.Equal([changes[39].Record.Id, changes[38].Record.Id, changes[37].Record.Id], due);
        Assert.Equal(20, (await FindDueAsync(Start.AddSeconds(120), 100)).Count);
    }

    [Fact]
    public async Task A_timer_moves_with_its_request()
    {
        var (postponed, hastened, disarmed, rearmed, finished) = (Due(10), Due(50), Due(10), Accepted(), Due(10));
        await CommitAsync(postponed, hastened, disarmed, rearmed, finished);
        await CommitAsync(
            After(postponed, r => r with { DueAt = Start.AddSeconds(40) }), After(hastened, r => r with { DueAt = Start.AddSeconds(20) }),
            After(disarmed, r => r with { DueAt = null }), After(rearmed, r => r with { DueAt = Start.AddSeconds(30) }),
            After(finished, r => Finish(r, "completed", Start)));

        Assert.Empty(await FindDueAsync(Start.AddSeconds(15), 10));
        Assert.Equal(
            [hastened.Record.Id, rearmed.Record.Id, postponed.Record.Id], await FindDueAsync(Start.AddSeconds(60), 10));
    }

    [Fact]
    public async Task A_request_stays_due_until_it_moves()
    {
        var due = Due(10);
        await CommitAsync(due);

        Assert.Single(await FindDueAsync(Start.AddSeconds(10), 10));
        Assert.Single(await FindDueAsync(Start.AddSeconds(10), 10));
        Assert.Single(await Requests.ClaimDueAsync(Start.AddSeconds(10), Start.AddSeconds(15), 10, Now));
        Assert.Single(await FindDueAsync(Start.AddSeconds(15), 10));

        await CommitAsync(After(due, r => r with { DueAt = Start.AddSeconds(90) }));
        Assert.Empty(await FindDueAsync(Start.AddSeconds(10), 10));
        Assert.Single(await FindDueAsync(Start.AddSeconds(90), 10));
    }

    [Fact]
    public async Task A_clock_that_jumps_back_neither_loses_nor_repeats_a_timer()
    {
        var due = Due(10);
        await CommitAsync(due);
        var moved = After(due, r => r with { DueAt = Start.AddHours(-1).AddSeconds(10), UpdatedAt = Start.AddHours(-1) });
        await CommitAsync(moved);

        Assert.Empty(await FindDueAsync(Start.AddHours(-1), 10));
        Assert.Equal([due.Record.Id], await FindDueAsync(Start.AddHours(-1).AddSeconds(10), 10));
        AssertSame(moved.Record, (await LoadAsync(due.Record.Id)).Record);
    }

    /// <summary>What is due, under a lease that ends at once.</summary>
    protected Task<IReadOnlyList<Guid>> FindDueAsync(DateTimeOffset now, int limit) => Requests.ClaimDueAsync(now, now, limit, Now);

    protected static RequestChange Due(int seconds)
    {
        var change = Accepted();
        return change with { Record = change.Record with { DueAt = Start.AddSeconds(seconds) } };
    }
}
