using Millrace.WorkflowManager.Benchmark;

namespace Millrace.WorkflowManager.Tests.Benchmark;

public sealed class PipelineBenchmarkTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(64, 0)]
    [InlineData(16, 500)]
    public async Task A_small_run_loses_and_doubles_nothing_and_measures(int batch, double rate)
    {
        var options = new PipelineBenchmarkOptions { Requests = 300, Batch = batch, RatePerSecond = rate };
        var result = await PipelineBenchmark.RunAsync(options, null, null, CancellationToken.None);
        Assert.Equal((0L, 0L), (result.Lost, result.Duplicated));
        Assert.True(result.RequestsPerSecond > 0);
        Assert.True(result.Commit!.Count > 0);
        Assert.Equal(rate > 0, result.Latency?.P50Ms > 0);
        Assert.Equal(rate > 0, result.RawWake?.Count > 10);
        Assert.Null(result.RawMessagesPerSecond);
    }
}
