using Millrace.DriftMonitor.Benchmark;

namespace Millrace.DriftMonitor.Tests.Benchmark;

public sealed class DriftBenchmarkTests
{
    [Theory]
    [InlineData(700)]
    [InlineData(30_011)]
    public void Parts_of_any_size_are_merged_and_tested(long rows)
    {
        var result = DriftBenchmark.Run(exactRows: 400, rows, dimensions: 8, frequencies: 16, chunkRows: 100, TestContext.Current.CancellationToken);

        Assert.Equal((rows, 16), (result.LinearRows, result.Frequencies));
        Assert.True(result.LinearSeconds > 0);
    }

    [Fact(Explicit = true)]
    public void A_million_rows_a_side_take_bounded_memory()
    {
        var result = DriftBenchmark.Run(exactRows: 400, 1_000_000, dimensions: 384, frequencies: 256, chunkRows: 2_000, TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(result.ToString());
        Assert.InRange(result.PeakMiB, 1, 1_024);
    }
}
