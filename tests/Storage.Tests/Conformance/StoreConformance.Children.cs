using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Children_are_read_in_order_of_index_with_their_results()
    {
        var parent = Guid.NewGuid();
        RequestChange Child(int index, string step) => Accepted(parent: new ParentReference(parent, step, index));
        var (c0, c1, c2, c10) = (Child(0, "sections"), Child(1, "sections"), Child(2, "sections"), Child(10, "sections"));
        await CommitAsync(c10, c2, c0, c1, Child(0, "other"));
        await CommitAsync(
            After(c0, r => Finish(r, "completed", Start)) with { Outputs = [new(OutputRecord.Result, Bytes("{\"n\":0}")), new("x", Bytes("1"))] },
            After(c1, r => Finish(r, "failed", Start) with { ErrorCode = "timeout" }));

        var all = await Requests.ReadChildrenAsync(parent, "sections", 0, 100, Now);
        var some = await Requests.ReadChildrenAsync(parent, "sections", 1, 2, Now);

        Assert.Equal([0, 1, 2, 10], all.Select(c => c.Index));
        Assert.Equal(["completed", "failed", "running", "running"], all.Select(c => c.Status));
        Assert.Equal("{\"n\":0}", Text(all[0].Result!.Value));
        Assert.Null(all[1].Result);
        Assert.Equal("timeout", all[1].ErrorCode);
        Assert.Equal("{\"v\":2}", Text(all[1].State));
        Assert.Equal([1, 2], some.Select(c => c.Index));
        Assert.Empty(await Requests.ReadChildrenAsync(parent, "none", 0, 100, Now));
    }

    [Fact]
    public async Task Retention_removes_what_finished_long_ago_with_children_timelines_and_counts()
    {
        var (old, recent, running) = (Counted("enrich-post"), Counted("enrich-post"), Counted("enrich-post"));
        var child = Counted("per-section", new ParentReference(old.Record.Id, "sections", 0));
        var grandchild = Counted("per-line", new ParentReference(child.Record.Id, "lines", 0));
        await CommitAsync(old, recent, running, child, grandchild);
        await CommitAsync(Finished(old, Start), Finished(recent, Start.AddDays(2)));

        var removed = await Requests.DeleteFinishedAsync("enrich-post", Start.AddDays(1), 100, Now);

        Assert.Equal(1, removed);
        Guid[] gone = [old.Record.Id, child.Record.Id, grandchild.Record.Id];
        Assert.All(await Requests.LoadAsync(gone, Now), Assert.Null);
        Assert.All(gone, id => Assert.Empty(Requests.ReadTimelineAsync(id, 0, Now).GetAwaiter().GetResult()));
        Assert.Equal(
            [new RequestCount("enrich-post", "", "completed", 1), new("enrich-post", "", "running", 1), new("enrich-post", "embed", "completed", 1)],
            (await Requests.CountAsync(Now)).OrderBy(c => c.Step).ThenBy(c => c.Status));
        Assert.Equal(2, (await ListAllAsync(new RequestQuery())).Count);
    }

    [Fact]
    public async Task Retention_keeps_to_its_limit_and_its_workflow()
    {
        var mine = Enumerable.Range(0, 7).Select(_ => Accepted()).ToArray();
        var other = Accepted(workflow: "other");
        await CommitAsync([.. mine, other]);
        await CommitAsync([.. mine.Append(other).Select(c => After(c, r => Finish(r, "failed", Start)))]);

        Assert.Equal(5, await Requests.DeleteFinishedAsync("enrich-post", Start.AddDays(1), 5, Now));
        Assert.Equal(2, await Requests.DeleteFinishedAsync("enrich-post", Start.AddDays(1), 5, Now));
        Assert.Equal(0, await Requests.DeleteFinishedAsync("unknown", Start.AddDays(1), 5, Now));
        Assert.Equal([other.Record.Id], (await ListAllAsync(new RequestQuery())).Select(r => r.Id));
    }

    [Fact]
    public async Task Retention_removes_a_parent_of_many_children()
    {
        var parent = Accepted();
        await CommitAsync(parent);
        for (var from = 0; from < 900; from += 300)
        {
            await CommitAsync(
                [.. Enumerable.Range(from, 300).Select(i => Accepted(workflow: "per-section", parent: new ParentReference(parent.Record.Id, "sections", i)))]);
        }
        await CommitAsync(After(parent, r => Finish(r, "completed", Start)));

        Assert.Equal(1, await Requests.DeleteFinishedAsync("enrich-post", Start.AddDays(1), 10, Now));

        Assert.Empty(await Requests.ReadChildrenAsync(parent.Record.Id, "sections", 0, 1000, Now));
        Assert.Null(Assert.Single(await Requests.LoadAsync([parent.Record.Id], Now)));
    }

    private static RequestChange Counted(string workflow, ParentReference? parent = null) => Accepted(workflow: workflow, parent: parent) with
    {
        Counts = [new CountDelta(workflow, "", "running", 1)],
        Timeline = Bytes("[1]"),
        Outputs = [new(OutputRecord.Input, Bytes("{}"))],
    };

    private static RequestChange Finished(RequestChange change, DateTimeOffset at) => After(change, r => Finish(r, "completed", at)) with
    {
        Counts =
        [
            new CountDelta(change.Record.Workflow, "", "running", -1), new(change.Record.Workflow, "", "completed", 1),
            new(change.Record.Workflow, "embed", "completed", 1),
        ],
    };
}
