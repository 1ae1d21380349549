using Millrace.Storage.Sqlite;

namespace Millrace.Storage.Tests;

public sealed class StoreFactoryTests
{
    [Theory]
    [InlineData("")]
    [InlineData("sqlite:")]
    [InlineData("/var/lib/millrace.db")]
    [InlineData("redis://u:hunter2@localhost/0")]
    [InlineData("postgres:hunter2")]
    [InlineData("postgres://u:hunter2@localhost")]
    [InlineData("postgres://u:hunter2@localhost/db?NoSuchOption=1")]
    [InlineData("postgres://u:hunter2@localhost/db?Timeout=soon")]
    [InlineData("postgres://u:hunter2@localhost/db?Maximum Pool Size=5")]
    [InlineData("postgres://u:hunter2@localhost/db?Include%20Error%20Detail=true")]
    [InlineData("postgres://u:hunter2@localhost/db?Max Auto Prepare=0")]
    [InlineData("postgres://u:hunter2@localhost/db?Command Timeout=0")]
    [InlineData("mongodb://u:hunter2@")]
    [InlineData("memory:x")]
    public async Task A_wrong_URL_is_named_as_such_without_its_password(string url)
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync(url, cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(StoreFailure.Configuration, error.Failure);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_can_not_be_reached_is_unavailable_without_its_password()
    {
        var port = Testing.FreePorts.Take(1)[0];
        var error = await Assert.ThrowsAsync<StoreException>(
            () => StoreFactory.OpenAsync($"postgres://u:hunter2@127.0.0.1:{port}/db", cancellationToken: TestContext.Current.CancellationToken));

        Assert.True(error.IsTransient);
        Assert.DoesNotContain("hunter2", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_out_of_range_are_all_named()
    {
        var error = await Assert.ThrowsAsync<StoreException>(() => StoreFactory.OpenAsync(
            "memory:", new StoreOptions { ReadConnections = 0, SqliteCacheMiB = -1 }, TestContext.Current.CancellationToken));

        Assert.Contains(nameof(StoreOptions.ReadConnections), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(StoreOptions.SqliteCacheMiB), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_memory_store_is_its_own_and_leaves_nothing()
    {
        var first = await StoreFactory.OpenAsync("memory:", cancellationToken: TestContext.Current.CancellationToken);
        var folder = Assert.IsType<SqliteStore>(first).PrivateFolder;
        await using (var second = await StoreFactory.OpenAsync("memory:", cancellationToken: TestContext.Current.CancellationToken))
        {
            await first.Documents.PutAsync("a", default, null, TestContext.Current.CancellationToken);
            Assert.Null(await second.Documents.GetAsync("a", TestContext.Current.CancellationToken));
            Assert.Equal("memory:", first.Description);
        }
        Assert.True(Directory.Exists(folder));

        await first.DisposeAsync();

        Assert.False(Directory.Exists(folder));
    }
}
