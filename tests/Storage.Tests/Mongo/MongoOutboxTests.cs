using System.Text;
using Millrace.Storage.Mongo;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Millrace.Storage.Tests.Mongo;

/// <summary>
/// A lease and the effects under it are written one after the other: what a commit leaves that was cut off in between, or whose
/// requests are saved after it was given up.
/// </summary>
public sealed class MongoOutboxTests(MongoStoreFixture fixture) : MongoTest(fixture)
{
    private const string Owner = "manager-1";
    private const string Other = "manager-2";
    private const long CutOff = 1_000_000;

    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task What_a_commit_saves_after_it_was_given_up_is_found_when_its_lease_ends_however_long_its_manager_lives()
    {
        await AddLeaseAsync(CutOff);
        await Store.Requests.RenewLeaseAsync(Owner, [], Start.AddMinutes(5), Now);
        await LandAsync(CutOff, await AcceptAsync(effects: null), "late");

        var claimed = Assert.Single(await ClaimAsync(Other, Start.AddMinutes(1)));

        Assert.Equal("late", Encoding.UTF8.GetString(Assert.Single(claimed.Entries).Effects.Span));
    }

    [Fact]
    public async Task An_empty_lease_of_a_manager_that_lives_on_goes_in_the_end()
    {
        await AddLeaseAsync(CutOff);
        await Store.Requests.RenewLeaseAsync(Owner, [], Start.AddDays(1), Now);

        await ClaimAsync(Other, Start.AddMinutes(1));
        Assert.Equal(1, await Collections.Outbox.CountDocumentsAsync(new BsonDocument(), cancellationToken: Now));

        await ClaimAsync(Other, Start.AddHours(2));
        Assert.Equal(0, await Collections.Outbox.CountDocumentsAsync(new BsonDocument(), cancellationToken: Now));
    }

    [Fact]
    public async Task What_is_found_again_under_a_lease_in_hand_is_not_taken_away_with_what_was_handed_out()
    {
        await AcceptAsync("first");
        var inHand = Assert.Single(await ClaimAsync(Other, Start.AddMinutes(1)));
        await LandAsync(inHand.Ticket.Id, await AcceptAsync(effects: null), "late");
        Assert.Equal(2, Assert.Single(await ClaimAsync(Other, Start.AddMinutes(1), includeOwn: true)).Entries.Count);

        await Store.Requests.CommitAsync([], [inHand.Ticket], Other, Start, Now);

        var left = Assert.Single(Assert.Single(await ClaimAsync(Owner, Start.AddMinutes(1))).Entries);
        Assert.Equal("late", Encoding.UTF8.GetString(left.Effects.Span));
    }

    private Task AddLeaseAsync(long commit) => Collections.Outbox.InsertOneAsync(
        new BsonDocument { ["_id"] = commit, ["owner"] = Owner, ["lease_until"] = Micros.From(Start.AddSeconds(30)) }, cancellationToken: Now);

    private Task LandAsync(long commit, Guid request, string effects) => Collections.Requests.UpdateOneAsync(
        new BsonDocument("_id", request.ToString("D")),
        new BsonDocument("$push", new BsonDocument("unsent", new BsonDocument { ["c"] = commit, ["e"] = Encoding.UTF8.GetBytes(effects) })),
        cancellationToken: Now);

    private async Task<Guid> AcceptAsync(string? effects)
    {
        var change = new RequestChange
        {
            Record = new RequestRecord
            {
                Id = Guid.NewGuid(),
                Workflow = "enrich-post",
                DefinitionHash = "sha256:3f",
                Status = "running",
                CreatedAt = Start,
                UpdatedAt = Start,
                Version = 1,
                State = Encoding.UTF8.GetBytes("{}"),
            },
            Effects = effects is null ? default : Encoding.UTF8.GetBytes(effects),
        };
        await Store.Requests.CommitAsync([change], [], Owner, Start.AddSeconds(30), Now);
        return change.Record.Id;
    }

    private Task<IReadOnlyList<UnsentEffects>> ClaimAsync(string owner, DateTimeOffset now, bool includeOwn = false) =>
        Store.Requests.ClaimUnsentAsync(owner, now, now.AddMinutes(1), includeOwn, 100, Now);
}
