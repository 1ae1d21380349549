using Millrace.Inference.Sessions;

namespace Millrace.Inference.Tests.Sessions;

public sealed class CpuStreamsTests
{
    [Theory]
    [InlineData(0, 0, 1, 8)] // A light model: a batch a core.
    [InlineData(0, 0, 60, 1)] // A heavy one: all cores for one batch.
    [InlineData(0, 2, 1, 1)] // Threads are given, so that a service keeps to them.
    [InlineData(3, 0, 60, 3)]
    [InlineData(3, 2, 1, 3)]
    public void A_number_of_streams_that_is_not_given_goes_by_the_weight_of_a_batch(int streams, int threads, int batchMs, int expected) =>
        Assert.Equal(expected, CpuStreams.Count(
            new InferenceOptions { CpuStreams = streams, IntraOpThreads = threads }, TimeSpan.FromMilliseconds(batchMs), cores: 8));
}
