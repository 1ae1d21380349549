using Millrace.Storage.Documents;

namespace Millrace.Storage.Tests.Conformance;

public abstract partial class StoreConformance
{
    protected IDocumentStore Documents => Store.Documents;

    [Fact]
    public async Task A_document_is_written_only_over_the_expected_version()
    {
        Assert.Null(await Documents.GetAsync("gate", Now));
        Assert.Null(await Documents.PutAsync("gate", Bytes("x"), 1, Now));
        Assert.Equal(1, await Documents.PutAsync("gate", Bytes("a"), 0, Now));
        Assert.Null(await Documents.PutAsync("gate", Bytes("b"), 0, Now));
        Assert.Equal(2, await Documents.PutAsync("gate", Bytes("c"), 1, Now));
        Assert.Null(await Documents.PutAsync("gate", Bytes("d"), 1, Now));
        Assert.Equal(3, await Documents.PutAsync("gate", Bytes("e"), null, Now));

        var stored = await Documents.GetAsync("gate", Now);
        Assert.Equal((3L, "e"), (stored!.Version, Text(stored.Body)));
    }

    [Fact]
    public async Task One_of_many_racing_writers_wins_each_version()
    {
        await Documents.PutAsync("gate", default, 0, Now);
        await using var second = await OpenAgainAsync();

        for (var version = 1; version <= 5; version++)
        {
            var expected = version;
            var results = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(n => (n % 2 == 0 ? Store : second).Documents.PutAsync("gate", Bytes($"{n}"), expected, Now)));
            Assert.Equal(version + 1, Assert.Single(results, r => r is not null));
        }
    }

    [Fact]
    public async Task Documents_list_by_prefix_in_order_up_to_the_limit()
    {
        foreach (var key in new[] { "definition/b", "definition/a", "definition", "definitions", "pause/a", "definition/c" })
            await Documents.PutAsync(key, Bytes(key), null, Now);

        Assert.Equal(["definition/a", "definition/b", "definition/c"], (await Documents.ListAsync("definition/", 10, Now)).Select(d => d.Key));
        Assert.Equal(["definition/a", "definition/b"], (await Documents.ListAsync("definition/", 2, Now)).Select(d => d.Key));
        Assert.Equal(6, (await Documents.ListAsync("", 10, Now)).Count);
    }

    [Fact]
    public async Task A_deleted_document_is_gone()
    {
        await Documents.PutAsync("gate", Bytes("a"), null, Now);
        await Documents.DeleteAsync("gate", Now);
        await Documents.DeleteAsync("gate", Now);

        Assert.Null(await Documents.GetAsync("gate", Now));
        Assert.Equal(1, await Documents.PutAsync("gate", Bytes("b"), 0, Now));
    }

    [Fact]
    public async Task Cached_results_end_at_their_time()
    {
        await Store.Results.PutAsync([new("a", Bytes("1"), Start.AddHours(1)), new("b", Bytes("2"), Start.AddHours(2))], Now);
        await Store.Results.PutAsync([new("a", Bytes("3"), Start.AddHours(1))], Now);

        Assert.Equal(["2", "3", null], await CachedAsync(Start));
        Assert.Equal(["2", null, null], await CachedAsync(Start.AddHours(1)));
        Assert.Equal(1, await Store.Results.DeleteExpiredAsync(Start.AddHours(1), 10, Now));
        Assert.Equal(["2", null, null], await CachedAsync(Start));
    }

    [Fact]
    public async Task Expired_results_are_removed_up_to_the_limit()
    {
        await Store.Results.PutAsync([.. Enumerable.Range(0, 9).Select(i => new CachedResult($"{i}", default, Start))], Now);

        Assert.Equal(5, await Store.Results.DeleteExpiredAsync(Start, 5, Now));
        Assert.Equal(4, await Store.Results.DeleteExpiredAsync(Start, 5, Now));
    }

    private async Task<List<string?>> CachedAsync(DateTimeOffset now) =>
        [.. (await Store.Results.GetAsync(["b", "a", "none"], now, Now)).Select(body => body is { } found ? Text(found) : null)];
}
