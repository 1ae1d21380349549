using Millrace.PerspectiveClassifier.Benchmark;
using Millrace.PerspectiveEmulator;

namespace Millrace.PerspectiveClassifier.Tests.Benchmark;

public sealed class ClassifyBenchmarkTests
{
    [Fact]
    public async Task An_outage_loses_nothing_and_no_herd_follows_it()
    {
        await using var server = await PerspectiveServer.StartAsync(
            new EmulatorOptions { PermitsPerSecond = 50, LatencyMs = 20, LatencyJitterMs = 10, OutageAfterSeconds = 2, OutageSeconds = 4 },
            TestContext.Current.CancellationToken);
        var benchmark = new ClassifyBenchmark(new ClassifyBenchmarkOptions { BaseUrl = server.BaseUrl, DurationSeconds = 10 });

        var report = await benchmark.RunAsync(null, TestContext.Current.CancellationToken);

        Assert.Equal(0, report.Lost);
        Assert.Equal(report.Posts, report.Labelled);
        Assert.InRange(report.LongestSilenceSeconds, 3, 30);
        // 200 posts wait at the end of the outage. Emulator and client share this process, which is why a few may arrive closer
        // together than they left.
        Assert.InRange(server.Statistics.MaxInAnySecondAfterOutage, 10, 58);
    }

    [Theory]
    [InlineData(0, 99.0, 0, null)]
    [InlineData(1, 99.0, 0, "1 posts are lost")]
    [InlineData(0, 97.9, 0, "97.9 %")]
    [InlineData(0, 99.0, 2, "2 calls were refused")]
    public void What_is_required_of_a_run_is_lost_posts_use_and_refusals(int lost, double used, int refusals, string? missed)
    {
        var report = new ClassifyBenchmarkReport(100, 100 - lost, 0, lost, 0, refusals + 1, refusals, 0, 50, used, 60, 90, 50, 0.1);

        if (missed is null)
            Assert.Null(report.Misses(98));
        else
            Assert.Contains(missed, report.Misses(98), StringComparison.Ordinal);
    }

    /// <summary>A gateway answers 429 without Google's status in the body.</summary>
    [Fact]
    public async Task Refusals_are_counted_whatever_words_they_have()
    {
        await using var server = await PerspectiveServer.StartAsync(new EmulatorOptions { LatencyMs = 5 }, TestContext.Current.CancellationToken);
        server.Force(429);
        var benchmark = new ClassifyBenchmark(new ClassifyBenchmarkOptions { BaseUrl = server.BaseUrl, DurationSeconds = 1, PatienceSeconds = 1 });

        var report = await benchmark.RunAsync(null, TestContext.Current.CancellationToken);

        Assert.Equal((server.Statistics.Calls, 0), (report.QuotaRefusals, report.SteadyRefusals));
        Assert.True(report.QuotaRefusals > 0);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(503)]
    public async Task Posts_that_are_never_labelled_are_lost(int status)
    {
        await using var server = await PerspectiveServer.StartAsync(new EmulatorOptions { PermitsPerSecond = 50 }, TestContext.Current.CancellationToken);
        server.Force(status);
        var benchmark = new ClassifyBenchmark(new ClassifyBenchmarkOptions { BaseUrl = server.BaseUrl, DurationSeconds = 1, PatienceSeconds = 1 });

        var report = await benchmark.RunAsync(null, TestContext.Current.CancellationToken);

        Assert.True(report.Posts > 0);
        Assert.Equal((0, report.Posts), (report.Labelled, report.Lost));
    }
}
