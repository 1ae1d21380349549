using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    [Fact]
    public async Task What_was_saved_is_there_after_reopening()
    {
        var change = Accepted() with
        {
            Outputs = [new("embed", Bytes("{}"))],
            Timeline = Bytes("[1]"),
            Effects = Bytes("send"),
            Counts = [new("w", "s", "running", 1)],
        };
        change = change with { Record = change.Record with { DueAt = Start } };
        await CommitAsync(change);
        await Documents.PutAsync("gate", Bytes("a"), null, Now);
        await Store.DisposeAsync();

        Store = await OpenAgainAsync();

        AssertSame(change.Record, (await LoadAsync(change.Record.Id)).Record);
        Assert.Single((await LoadAsync(change.Record.Id)).Outputs);
        Assert.Single(await Requests.ReadTimelineAsync(change.Record.Id, 0, Now));
        Assert.Single(await Requests.CountAsync(Now));
        Assert.Single(await Requests.ClaimDueAsync(Start, Start, 10, Now));
        Assert.Single(await Requests.ClaimUnsentAsync(Owner, Start, Start, includeOwn: true, 10, Now));
        Assert.NotNull(await Documents.GetAsync("gate", Now));
    }

    [Fact]
    public async Task Several_may_open_a_new_store_at_once()
    {
        var url = await fixture.NewUrlAsync();

        var stores = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => StoreFactory.OpenAsync(url, cancellationToken: Now)));

        await Task.WhenAll(stores.Select(s => CommitAsync(s, Accepted())));
        Assert.Equal(5, (await stores[0].Requests.ListAsync(new RequestQuery(), Now)).Items.Count);
        foreach (var store in stores)
            await store.DisposeAsync();
    }

    [Fact]
    public async Task Two_managers_see_each_others_commits_and_conflicts()
    {
        await using var second = await OpenAgainAsync();
        var first = Accepted();
        await CommitAsync(first);

        await CommitAsync(second, After(first));

        Assert.Equal(2, (await LoadAsync(first.Record.Id)).Record.Version);
        Assert.Equal([0], (await CommitAsync(After(first))).Conflicts);
    }

    [Fact]
    public async Task An_opened_store_can_be_written_to_and_says_what_it_is_without_secrets()
    {
        await Store.CheckAsync(Now);

        Assert.NotEmpty(Store.Description);
        Assert.DoesNotContain("secret", Store.Description, StringComparison.OrdinalIgnoreCase);
    }
}
