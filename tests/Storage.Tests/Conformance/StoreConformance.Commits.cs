using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task A_record_comes_back_as_it_was_saved()
    {
        var change = Accepted(key: "at://did:plc:1/post/2", parent: new ParentReference(Guid.NewGuid(), "sections", 7));
        change = change with
        {
            Record = change.Record with
            {
                Status = "failed",
                ErrorCode = "timeout",
                ErrorStep = "classify",
                FinishedAt = Start.AddSeconds(3),
                DueAt = Start.AddSeconds(2),
                UpdatedAt = Start.AddMicroseconds(1),
            },
        };

        await CommitAsync(change);

        AssertSame(change.Record, (await LoadAsync(change.Record.Id)).Record);
    }

    [Fact]
    public async Task Requests_load_in_the_order_asked_with_null_for_the_unknown()
    {
        var (a, b) = (Accepted(), Accepted());
        await CommitAsync(a, b);

        var loaded = await Requests.LoadAsync([b.Record.Id, Guid.NewGuid(), a.Record.Id], Now);

        Assert.Equal([b.Record.Id, null, a.Record.Id], loaded.Select(r => r?.Record.Id));
    }

    [Fact]
    public async Task A_stale_version_is_a_conflict_and_writes_nothing()
    {
        var first = Accepted();
        var second = After(first);
        await CommitAsync(first);
        await CommitAsync(second);
        var stale = After(first) with
        {
            Outputs = [new OutputRecord("late", Bytes("{}"))],
            Timeline = Bytes("[1]"),
            Effects = Bytes("send"),
            Counts = [new CountDelta("enrich-post", "late", "completed", 1)],
        };

        var result = await CommitAsync(stale);

        Assert.Equal([0], result.Conflicts);
        Assert.Equal(OutboxTicket.None, result.Ticket);
        AssertSame(second.Record, (await LoadAsync(first.Record.Id)).Record);
        Assert.Empty((await LoadAsync(first.Record.Id)).Outputs);
        Assert.Empty(await Requests.ReadTimelineAsync(first.Record.Id, 0, Now));
        Assert.DoesNotContain(await Requests.CountAsync(Now), c => c.Step == "late");
    }

    [Fact]
    public async Task The_others_of_a_batch_are_saved_beside_conflicts()
    {
        var (taken, ahead, fresh, old) = (Accepted(), Accepted(), Accepted(), Accepted());
        await CommitAsync(taken, ahead, old);

        var skipsOne = After(After(ahead));
        var result = await CommitAsync(Accepted(taken.Record.Id), fresh, skipsOne, After(old), After(Accepted()));

        Assert.Equal([0, 2, 4], result.Conflicts.Order());
        Assert.Equal(1, (await LoadAsync(fresh.Record.Id)).Record.Version);
        Assert.Equal(2, (await LoadAsync(old.Record.Id)).Record.Version);
        Assert.Equal(1, (await LoadAsync(ahead.Record.Id)).Record.Version);
    }

    [Fact]
    public async Task The_same_request_twice_in_one_commit_is_refused()
    {
        var change = Accepted();

        await Assert.ThrowsAsync<ArgumentException>(() => CommitAsync(change, After(change)));

        Assert.Null(Assert.Single(await Requests.LoadAsync([change.Record.Id], Now)));
    }

    [Fact]
    public async Task Outputs_are_added_and_replaced_by_name()
    {
        var first = Accepted() with { Outputs = [new(OutputRecord.Input, Bytes("{\"text\":1}")), new("embed", Bytes("old"))] };
        var second = After(first) with { Outputs = [new("embed", Bytes("new")), new(OutputRecord.Result, Bytes(""))] };
        await CommitAsync(first);
        await CommitAsync(second);

        var outputs = (await LoadAsync(first.Record.Id)).Outputs.ToDictionary(o => o.Name, o => Text(o.Body));

        Assert.Equal(new() { [OutputRecord.Input] = "{\"text\":1}", ["embed"] = "new", [OutputRecord.Result] = "" }, outputs);
    }

    [Fact]
    public async Task A_ten_MiB_output_comes_back_whole()
    {
        var body = new byte[10 << 20];
        new Random(1).NextBytes(body);
        var first = Accepted() with { Outputs = [new("embed", body)], Timeline = Bytes("[]") };
        await CommitAsync(first);
        await CommitAsync(After(first) with { Timeline = Bytes("[2]") });

        Assert.Equal(body, Assert.Single((await LoadAsync(first.Record.Id)).Outputs).Body.ToArray());
        Assert.Equal(2, (await Requests.ReadTimelineAsync(first.Record.Id, 0, Now)).Count);
    }

    [Fact]
    public async Task Timelines_read_in_order_from_any_version()
    {
        var change = Accepted() with { Timeline = Bytes("[1]") };
        await CommitAsync(change);
        for (var version = 2; version <= 5; version++)
        {
            change = After(change) with { Timeline = version == 3 ? default : Bytes($"[{version}]") };
            await CommitAsync(change);
        }

        var all = await Requests.ReadTimelineAsync(change.Record.Id, 0, Now);
        var later = await Requests.ReadTimelineAsync(change.Record.Id, 2, Now);

        Assert.Equal([(1, "[1]"), (2, "[2]"), (4, "[4]"), (5, "[5]")], all.Select(t => (t.Version, Text(t.Events))));
        Assert.Equal([4, 5], later.Select(t => t.Version));
        Assert.Empty(await Requests.ReadTimelineAsync(Guid.NewGuid(), 0, Now));
    }

    [Fact]
    public async Task Counts_move_by_deltas_and_forget_zeros()
    {
        CountDelta Step(string status, int delta) => new("enrich-post", "embed", status, delta);
        var (a, b) = (Accepted() with { Counts = [Step("waiting", 1)] }, Accepted() with { Counts = [Step("waiting", 1)] });
        await CommitAsync(a, b);
        await CommitAsync(After(a) with { Counts = [Step("waiting", -1), Step("completed", 1)] });
        await CommitAsync(After(b) with { Counts = [Step("waiting", -1), Step("dispatched", 1), new("other", "", "running", 3)] });

        Assert.Equal(
            [new RequestCount("enrich-post", "embed", "completed", 1), new("enrich-post", "embed", "dispatched", 1), new("other", "", "running", 3)],
            (await Requests.CountAsync(Now)).OrderBy(c => c.Workflow).ThenBy(c => c.Status));
    }

    [Fact]
    public async Task Eight_committers_lose_no_transition()
    {
        var ids = Enumerable.Range(0, 20).Select(_ => Guid.NewGuid()).ToArray();
        await CommitAsync([.. ids.Select(id => Accepted(id))]);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(n => AdvanceAsync(n, ids, 10)));

        var loaded = await Requests.LoadAsync(ids, Now);
        Assert.All(loaded, r => Assert.Equal(81, r!.Record.Version));
        Assert.Equal(8 * 10 * ids.Length, Assert.Single(await Requests.CountAsync(Now)).Count);
    }

    [Fact]
    public async Task A_commit_whose_success_was_not_heard_shows_as_conflicts_of_the_saved()
    {
        var (first, fresh) = (Accepted(), Accepted());
        await CommitAsync(first);
        var second = After(first) with { Outputs = [new("embed", Bytes("{}"))], Effects = Bytes("send") };
        await CommitAsync(second, fresh);

        var again = await CommitAsync(second, fresh);

        Assert.Equal([0, 1], again.Conflicts.Order());
        Assert.Equal(2, (await LoadAsync(first.Record.Id)).Record.Version);
        Assert.Single((await LoadAsync(first.Record.Id)).Outputs);
        Assert.Single(await Requests.ClaimUnsentAsync("manager-2", Start.AddHours(1), Start.AddHours(2), false, 10, Now));
    }

    [Fact]
    public async Task A_cancelled_commit_writes_nothing()
    {
        var change = Accepted();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Requests.CommitAsync([change], [], Owner, Start, new CancellationToken(canceled: true)));

        Assert.Null(Assert.Single(await Requests.LoadAsync([change.Record.Id], Now)));
    }

    private async Task AdvanceAsync(int committer, Guid[] ids, int times)
    {
        var order = new Random(committer);
        for (var done = 0; done < times;)
        {
            var pending = (await Requests.LoadAsync(ids, Now)).Select(r => new RequestChange
            {
                Record = r!.Record with { Version = r.Record.Version + 1 },
                Counts = [new CountDelta("enrich-post", "embed", "completed", 1)],
            }).ToArray();
            order.Shuffle(pending);
            done += await AdvanceAllAsync(pending);
        }
    }

    // Each request moves once, however often another committer is ahead.
    private async Task<int> AdvanceAllAsync(RequestChange[] pending)
    {
        while (pending.Length > 0)
        {
            var result = await CommitAsync(pending);
            var lost = result.Conflicts.Select(i => pending[i]).ToArray();
            var current = await Requests.LoadAsync([.. lost.Select(c => c.Record.Id)], Now);
            pending = [.. lost.Zip(current, (change, now) => change with { Record = now!.Record with { Version = now.Record.Version + 1 } })];
        }
        return 1;
    }

    [Fact]
    public async Task How_far_a_request_is_can_be_asked_without_the_rest()
    {
        var first = Accepted();
        await CommitAsync(first);
        var running = await Requests.FindVersionAsync(first.Record.Id, Now);
        await CommitAsync(After(first, record => Finish(record, "failed", Start.AddSeconds(1))));

        Assert.Equal(new RequestVersion(1, "running"), running);
        Assert.Equal(new RequestVersion(2, "failed"), await Requests.FindVersionAsync(first.Record.Id, Now));
        Assert.Null(await Requests.FindVersionAsync(Guid.NewGuid(), Now));
    }
}
