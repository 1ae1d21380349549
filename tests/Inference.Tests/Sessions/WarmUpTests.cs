using Millrace.Inference.Batching;
using Millrace.Inference.Sessions;

namespace Millrace.Inference.Tests.Sessions;

public sealed class WarmUpTests
{
    [Fact]
    public void A_gpu_is_warmed_over_every_width_alone_and_as_a_full_batch()
    {
        var shapes = WarmUp.Shapes(new BatchLimits(1_024, 32), maxTokens: 100, cpu: false).ToList();
        Assert.Equal([(1, 16), (32, 16), (1, 32), (32, 32), (1, 64), (16, 64), (1, 100), (10, 100)], shapes);
    }

    [Fact]
    public void A_cpu_needs_two_widths() =>
        Assert.Equal(2, WarmUp.Shapes(new BatchLimits(1_024, 32), 512, cpu: true).Select(shape => shape.Width).Distinct().Count());
}
