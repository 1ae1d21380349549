using Millrace.Contracts;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task Pages_go_newest_first_through_everything_once()
    {
        var saved = await CommitManyAsync(57);

        var listed = await ListAllAsync(new RequestQuery { Limit = 10 });

        Assert.Equal(saved.Select(r => r.Id).Reverse(), listed.Select(r => r.Id));
    }

    [Fact]
    public async Task Pages_go_oldest_first_when_asked()
    {
        var saved = await CommitManyAsync(23);

        var listed = await ListAllAsync(new RequestQuery { Limit = 5, OldestFirst = true });

        Assert.Equal(saved.Select(r => r.Id), listed.Select(r => r.Id));
    }

    [Fact]
    public async Task Requests_of_one_moment_are_paged_without_loss()
    {
        var changes = Enumerable.Range(0, 40).Select(i => Accepted(workflow: i % 2 == 0 ? "a" : "b", at: Start)).ToArray();
        await CommitAsync(changes);

        var listed = await ListAllAsync(new RequestQuery { Limit = 7 });

        Assert.Equal(changes.Select(c => c.Record.Id).Order(), listed.Select(r => r.Id).Order());
    }

    [Fact]
    public async Task Later_pages_are_stable_while_requests_arrive()
    {
        var saved = await CommitManyAsync(30);
        var first = await Requests.ListAsync(new RequestQuery { Limit = 10 }, Now);

        await CommitAsync(Accepted(at: Start.AddHours(1)), Accepted(at: Start.AddHours(2)));
        var second = await Requests.ListAsync(new RequestQuery { Limit = 10, After = first.Next }, Now);
        var third = await Requests.ListAsync(new RequestQuery { Limit = 10, After = second.Next }, Now);

        Assert.Equal(saved.Select(r => r.Id).Reverse(), first.Items.Concat(second.Items).Concat(third.Items).Select(r => r.Id));
        Assert.Null(third.Next);
    }

    [Fact]
    public async Task Every_filter_and_pair_of_filters_selects_exactly_what_matches()
    {
        var saved = await CommitVariedAsync();
        var (middle, key) = (saved[20].CreatedAt, saved.First(r => r.Key is not null).Key);
        RequestQuery[] single =
        [
            new() { Workflow = "a" }, new() { Status = "running" }, new() { Status = "completed" }, new() { Status = "failed" },
            new() { Key = key }, new() { Key = "own" }, new() { ErrorCode = "timeout" }, new() { ErrorStep = "embed" },
            new() { CreatedFrom = middle }, new() { CreatedBefore = middle },
            new() { Workflow = "none" }, new() { Status = "cancelled" }, new() { Key = "none" }, new() { ErrorCode = "none" },
        ];
        foreach (var query in single.SelectMany(a => single.Select(b => Both(a, b))))
        {
            foreach (var oldestFirst in new[] { false, true })
            {
                var listed = await ListAllAsync(query with { Limit = 4, OldestFirst = oldestFirst });
                var expected = saved.Where(r => Matches(query, r)).Select(r => r.Id);
                Assert.Equal(oldestFirst ? expected : expected.Reverse(), listed.Select(r => r.Id));
            }
        }
    }

    [Fact]
    public async Task Children_are_listed_by_their_parent_alone()
    {
        var parent = Accepted();
        var children = Enumerable.Range(0, 12)
            .Select(i => Accepted(workflow: "per-section", at: Start.AddSeconds(i), parent: new ParentReference(parent.Record.Id, "sections", i)))
            .ToArray();
        await CommitAsync([parent, .. children]);
        await CommitAsync([.. children.Take(3).Select(c => After(c, r => Finish(r, "completed", Start)))]);

        Assert.Equal([parent.Record.Id], (await ListAllAsync(new RequestQuery())).Select(r => r.Id));
        Assert.Empty(await ListAllAsync(new RequestQuery { Workflow = "per-section" }));
        Assert.Equal(
            children.Select(c => c.Record.Id).Reverse(),
            (await ListAllAsync(new RequestQuery { ParentId = parent.Record.Id, Limit = 5 })).Select(r => r.Id));
        Assert.Equal(3, (await ListAllAsync(new RequestQuery { ParentId = parent.Record.Id, Status = "completed" })).Count);
    }

    [Fact]
    public async Task A_foreign_cursor_and_a_bad_limit_are_refused()
    {
        foreach (var cursor in new[] { "", "nonsense", "x1-2", "1-2", "s-", "s1-zz", "' OR 1=1 --" })
            await Assert.ThrowsAsync<ArgumentException>(() => Requests.ListAsync(new RequestQuery { After = cursor }, Now));
        foreach (var limit in new[] { 0, -1, RequestQuery.MaxLimit + 1 })
            await Assert.ThrowsAsync<ArgumentException>(() => Requests.ListAsync(new RequestQuery { Limit = limit }, Now));
    }

    protected async Task<List<RequestRecord>> ListAllAsync(RequestQuery query)
    {
        var all = new List<RequestRecord>();
        RequestPage page;
        do
        {
            page = await Requests.ListAsync(query, Now);
            Assert.InRange(page.Items.Count, 0, query.Limit);
            all.AddRange(page.Items);
            query = query with { After = page.Next };
        }
        while (page.Next is not null);
        return all;
    }

    private async Task<List<RequestRecord>> CommitManyAsync(int count)
    {
        var changes = Enumerable.Range(0, count)
            .Select(i => Accepted(workflow: $"w{i % 3}", key: $"k{i}", at: Start.AddMilliseconds(i))).ToArray();
        await CommitAsync(changes);
        return [.. changes.Select(c => c.Record)];
    }

    private async Task<List<RequestRecord>> CommitVariedAsync()
    {
        var saved = new List<RequestRecord>();
        for (var i = 0; i < 48; i++)
        {
            var workflow = i % 3 == 0 ? "a" : "b";
            var key = i % 4 == 0 ? null : i % 4 == 1 ? "own" : $"key-{i}";
            var id = key is null or "own" ? Guid.NewGuid() : RequestIds.ForKey(workflow, key);
            var first = Accepted(id, workflow, key, Start.AddSeconds(i));
            await CommitAsync(first);
            saved.Add(first.Record);
            if (i % 5 == 0)
                continue;
            var second = After(first, r => i % 5 == 1 ? Finish(r, "completed", Start) : Finish(r, "failed", Start) with
            {
                ErrorCode = i % 2 == 0 ? "timeout" : "TOO_LONG",
                ErrorStep = i % 7 < 3 ? "embed" : i % 7 < 5 ? "classify" : null,
            });
            await CommitAsync(second);
            saved[i] = second.Record;
        }
        return saved;
    }

    private static RequestQuery Both(RequestQuery a, RequestQuery b) => new()
    {
        Workflow = a.Workflow ?? b.Workflow,
        Status = a.Status ?? b.Status,
        Key = a.Key ?? b.Key,
        ErrorCode = a.ErrorCode ?? b.ErrorCode,
        ErrorStep = a.ErrorStep ?? b.ErrorStep,
        CreatedFrom = a.CreatedFrom ?? b.CreatedFrom,
        CreatedBefore = a.CreatedBefore ?? b.CreatedBefore,
    };

    private static bool Matches(RequestQuery query, RequestRecord record) =>
        (query.Workflow ?? record.Workflow) == record.Workflow && (query.Status ?? record.Status) == record.Status
        && (query.Key ?? record.Key) == record.Key && (query.ErrorCode ?? record.ErrorCode) == record.ErrorCode
        && (query.ErrorStep ?? record.ErrorStep) == record.ErrorStep && record.CreatedAt >= (query.CreatedFrom ?? record.CreatedAt)
        && (query.CreatedBefore is not { } before || record.CreatedAt < before);
}
