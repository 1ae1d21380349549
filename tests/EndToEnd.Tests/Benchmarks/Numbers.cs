namespace Millrace.EndToEnd.Tests.Benchmarks;

/// <summary>
/// The figures of infra/docs/numbers.md, each with all its servers:
/// <c>dotnet run -c Release --project tests/EndToEnd.Tests -- -explicit only -class '*Numbers' -showLiveOutput</c>.
/// </summary>
public sealed class Numbers
{
    [Theory(Explicit = true)]
    [InlineData("120000", "64")]
    [InlineData("30000", "0")]
    public async Task Throughput(string requests, string batch)
    {
        await using var bench = await BenchRun.StartAsync();
        await bench.RunAsync("pipeline", bench.Sqlite(), "--requests", requests, "--batch", batch);
    }

    [Theory(Explicit = true)]
    [InlineData("64")]
    [InlineData("0")]
    public async Task Latency(string batch)
    {
        await using var bench = await BenchRun.StartAsync();
        await bench.RunAsync("pipeline", bench.Sqlite(), "--requests", "3000", "--rate", "50", "--batch", batch, "--managers", "1");
    }

    [Fact(Explicit = true)]
    public async Task Growth()
    {
        await using var bench = await BenchRun.StartAsync();
        var store = bench.Sqlite();
        foreach (var stored in new[] { "10000", "100000", "1000000" })
            await bench.RunAsync("pipeline", store, "--requests", "60000", "--managers", "1", "--stored", stored, "--raw-messages", "0");
    }

    [Fact(Explicit = true)]
    public async Task Recovery()
    {
        await using var bench = await BenchRun.StartAsync();
        await bench.RunAsync("recovery", bench.Sqlite());
    }

    [Fact(Explicit = true)]
    public async Task Managers_on_PostgreSQL_beside_one_on_SQLite()
    {
        await using var bench = await BenchRun.StartAsync();
        await bench.RunAsync("pipeline", bench.Sqlite(), "--requests", "60000", "--managers", "1", "--raw-messages", "0");
        foreach (var managers in new[] { "1", "2", "4" })
            await bench.RunAsync("pipeline", await bench.PostgresAsync(), "--requests", "60000", "--managers", managers, "--raw-messages", "0");
    }
}
