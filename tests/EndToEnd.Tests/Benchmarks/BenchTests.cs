namespace Millrace.EndToEnd.Tests.Benchmarks;

/// <summary>The benchmarks do what they say, with few requests.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task A_manager_killed_with_requests_running_serves_again_and_loses_none()
    {
        await using var bench = await BenchRun.StartAsync();

        var result = await bench.RunAsync("recovery", bench.Sqlite(), "--running", "2000");

        Assert.Equal(0, result.GetProperty("lost").GetInt64());
        Assert.InRange(result.GetProperty("readySeconds").GetDouble(), 0.01, 60);
    }

    [Fact]
    public async Task Two_managers_share_the_work_of_one_PostgreSQL_and_nothing_is_lost_or_done_twice()
    {
        await using var bench = await BenchRun.StartAsync();

        var result = await bench.RunAsync(
            "pipeline", await bench.PostgresAsync(), "--managers", "2", "--requests", "4000", "--batch", "16", "--stored", "1000", "--raw-messages", "1000");

        Assert.Equal((0, 0), (result.GetProperty("lost").GetInt64(), result.GetProperty("duplicated").GetInt64()));
        var processes = result.GetProperty("processes").EnumerateArray()
            .ToDictionary(each => each.GetProperty("name").GetString()!, each => each.GetProperty("cpuSeconds").GetDouble());
        Assert.Equal(["workers and publisher", "manager 1", "manager 2", "broker", "postgres"], processes.Keys);
        Assert.All(processes.Values, seconds => Assert.True(seconds > 0));
        Assert.Contains(result.GetProperty("firstPages").EnumerateArray(), page => page.GetProperty("items").GetInt32() == 100);
    }
}
