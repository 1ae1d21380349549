using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    private const string Other = "manager-2";

    [Fact]
    public async Task A_commit_without_effects_gives_no_ticket()
    {
        var result = await CommitAsync(Accepted());

        Assert.Equal(OutboxTicket.None, result.Ticket);
        Assert.Empty(await ClaimAsync(Other, Start.AddDays(1)));
    }

    [Fact]
    public async Task Effects_stay_until_they_are_reported_sent()
    {
        var (a, b) = (Accepted() with { Effects = Bytes("a") }, Accepted() with { Effects = Bytes("b") });
        var saved = await CommitAsync(a, Accepted(), b);
        Assert.NotEqual(OutboxTicket.None, saved.Ticket);

        var claimed = Assert.Single(await ClaimAsync(Other, Start.AddDays(1)));
        Assert.Equal(
            new[] { (a.Record.Id, "a"), (b.Record.Id, "b") }.Order(), claimed.Entries.Select(e => (e.RequestId, Text(e.Effects))).Order());
        Assert.Equal(Other, claimed.Ticket.Owner);

        await Requests.CommitAsync([], [claimed.Ticket], Other, Start, Now);
        Assert.Empty(await ClaimAsync(Other, Start.AddDays(2)));
    }

    [Fact]
    public async Task A_ticket_is_removed_with_the_next_commit()
    {
        var first = Accepted() with { Effects = Bytes("a") };
        var saved = await CommitAsync(first);

        var second = After(first) with { Effects = Bytes("b") };
        await Requests.CommitAsync([second], [saved.Ticket], Owner, Start.AddMinutes(1), Now);

        var left = Assert.Single(await ClaimAsync(Other, Start.AddDays(1)));
        Assert.Equal("b", Text(Assert.Single(left.Entries).Effects));
    }

    [Fact]
    public async Task A_finished_request_is_not_removed_before_its_effects_are_sent()
    {
        var (sent, waits) = (Accepted(), Accepted());
        await CommitAsync(sent, waits);
        await CommitAsync(After(sent, r => Finish(r, "completed", Start)));
        var ticket = (await CommitAsync(After(waits, r => Finish(r, "completed", Start)) with { Effects = Bytes("its result") })).Ticket;

        Assert.Equal(1, await Requests.DeleteFinishedAsync("enrich-post", Start.AddDays(1), 10, Now));
        Assert.Equal([false, true], (await Requests.LoadAsync([sent.Record.Id, waits.Record.Id], Now)).Select(request => request is not null));

        await Requests.CommitAsync([], [ticket], Owner, Start, Now);
        Assert.Equal(1, await Requests.DeleteFinishedAsync("enrich-post", Start.AddDays(1), 10, Now));
    }

    [Fact]
    public async Task Effects_are_not_taken_before_the_lease_ends()
    {
        await CommitAsync(Accepted() with { Effects = Bytes("a") });

        Assert.Empty(await ClaimAsync(Other, Start.AddSeconds(59)));
        Assert.Single(await ClaimAsync(Other, Start.AddSeconds(60)));
        Assert.Empty(await ClaimAsync(Owner, Start.AddSeconds(61)));
    }

    [Fact]
    public async Task A_renewed_lease_holds_off_the_others()
    {
        var ticket = (await CommitAsync(Accepted() with { Effects = Bytes("a") })).Ticket;
        await Requests.RenewLeaseAsync(Owner, [ticket], Start.AddMinutes(5), Now);
        await Requests.RenewLeaseAsync(Other, [ticket], Start.AddMinutes(9), Now);

        Assert.Empty(await ClaimAsync(Other, Start.AddMinutes(4)));
        Assert.Single(await ClaimAsync(Other, Start.AddMinutes(5)));
    }

    [Fact]
    public async Task What_its_owner_does_not_have_in_hand_is_not_renewed_and_falls_to_whoever_claims()
    {
        var known = (await CommitAsync(Accepted() with { Effects = Bytes("known") })).Ticket;
        await CommitAsync(Accepted() with { Effects = Bytes("unknown") });

        await Requests.RenewLeaseAsync(Owner, [known], Start.AddMinutes(5), Now);

        Assert.Equal("unknown", Text(Assert.Single(await ClaimAsync(Owner, Start.AddMinutes(2))).Entries[0].Effects));
    }

    [Fact]
    public async Task A_restart_under_the_same_name_takes_its_own_effects_at_once()
    {
        await CommitAsync(Accepted() with { Effects = Bytes("a") });

        Assert.Empty(await Requests.ClaimUnsentAsync(Other, Start, Start.AddMinutes(1), includeOwn: true, 10, Now));
        Assert.Empty(await Requests.ClaimUnsentAsync(Owner, Start, Start.AddMinutes(1), includeOwn: false, 10, Now));
        Assert.Single(await Requests.ClaimUnsentAsync(Owner, Start, Start.AddMinutes(1), includeOwn: true, 10, Now));
    }

    [Fact]
    public async Task Claims_go_oldest_first_up_to_the_limit()
    {
        foreach (var name in new[] { "1", "2", "3" })
            await CommitAsync(Accepted() with { Effects = Bytes(name) });

        var first = await Requests.ClaimUnsentAsync(Other, Start.AddHours(1), Start.AddHours(2), false, 2, Now);
        var rest = await Requests.ClaimUnsentAsync(Other, Start.AddHours(1), Start.AddHours(2), false, 2, Now);

        Assert.Equal(["1", "2"], first.Select(e => Text(e.Entries[0].Effects)));
        Assert.Equal(["3"], rest.Select(e => Text(e.Entries[0].Effects)));
    }

    [Fact]
    public async Task Two_managers_that_claim_together_never_take_the_same()
    {
        for (var i = 0; i < 20; i++)
            await CommitAsync(Accepted() with { Effects = Bytes($"{i}") });
        await using var second = await OpenAgainAsync();

        var claims = await Task.WhenAll(Enumerable.Range(0, 8).Select(n =>
            (n % 2 == 0 ? Store : second).Requests.ClaimUnsentAsync($"claimer-{n}", Start.AddHours(1), Start.AddHours(2), false, 5, Now)));

        var taken = claims.SelectMany(c => c).Select(c => c.Ticket.Id).ToList();
        Assert.Equal(20, taken.Distinct().Count());
        Assert.Equal(20, taken.Count);
    }

    private Task<IReadOnlyList<UnsentEffects>> ClaimAsync(string owner, DateTimeOffset now) =>
        Requests.ClaimUnsentAsync(owner, now, now.AddMinutes(1), includeOwn: false, 100, Now);
}
