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
