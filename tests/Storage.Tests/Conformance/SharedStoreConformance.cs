namespace Millrace.Storage.Tests.Conformance;

/// <summary>What an adapter for any number of managers promises beyond what all do.</summary>
public abstract class SharedStoreConformance(StoreFixture fixture) : StoreConformance(fixture)
{
    [Fact]
    public async Task The_server_s_clock_can_be_read()
    {
        var here = TimeProvider.System.GetUtcNow();

        // By whatever another machine's clock may be off.
        Assert.InRange(Assert.NotNull(await Store.ReadClockAsync(Now)), here.AddMinutes(-1), here.AddMinutes(1));
    }

    [Fact]
    public async Task What_is_claimed_no_other_claim_finds_until_the_lease_ends()
    {
        var changes = Enumerable.Range(0, 6).Select(Due).ToArray();
        await CommitAsync(changes);

        var first = await Requests.ClaimDueAsync(Start.AddSeconds(10), Start.AddSeconds(20), 2, Now);
        var second = await Requests.ClaimDueAsync(Start.AddSeconds(11), Start.AddSeconds(30), 10, Now);

        Assert.Equal(changes.Take(2).Select(change => change.Record.Id), first);
        Assert.Equal(changes.Skip(2).Select(change => change.Record.Id), second);
        Assert.Empty(await Requests.ClaimDueAsync(Start.AddSeconds(19), Start.AddSeconds(40), 10, Now));
        Assert.Equal(first, await Requests.ClaimDueAsync(Start.AddSeconds(20), Start.AddSeconds(30), 10, Now));
        Assert.Equal(changes.Select(change => change.Record.Id), await FindDueAsync(Start.AddSeconds(30), 10));
    }

    [Fact]
    public async Task A_request_that_moves_is_free_of_its_claim()
    {
        var (again, later, finished) = (Due(10), Due(10), Due(10));
        await CommitAsync(again, later, finished);
        Assert.Equal(3, (await Requests.ClaimDueAsync(Start.AddSeconds(10), Start.AddSeconds(100), 10, Now)).Count);

        await CommitAsync(
            After(again, r => r with { DueAt = Start.AddSeconds(11) }), After(later, r => r with { DueAt = Start.AddSeconds(200) }),
            After(finished, r => Finish(r, "completed", Start)));

        Assert.Equal([again.Record.Id], await FindDueAsync(Start.AddSeconds(11), 10));
        Assert.Equal([again.Record.Id, later.Record.Id], await FindDueAsync(Start.AddSeconds(200), 10));
    }

    [Fact]
    public async Task Claims_at_the_same_time_share_what_is_due()
    {
        var changes = Enumerable.Range(0, 300).Select(Due).ToArray();
        await CommitAsync(changes);

        var claimed = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(async () =>
        {
            var own = new List<Guid>();
            while (await Requests.ClaimDueAsync(Start.AddSeconds(300), Start.AddSeconds(400), 20, Now) is { Count: > 0 } page)
                own.AddRange(page);
            return own;
        })));

        Assert.Equal(changes.Select(change => change.Record.Id).Order(), claimed.SelectMany(own => own).Order());
    }
}
