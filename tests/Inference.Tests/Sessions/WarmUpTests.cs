using Millrace.Contracts;
using Millrace.Inference.Batching;
using Millrace.Inference.Sessions;
using Millrace.Inference.Tests.Batching;

namespace Millrace.Inference.Tests.Sessions;

public sealed class WarmUpTests
{
    [Fact]
    public void A_gpu_is_warmed_over_every_width_alone_and_as_a_full_batch()
    {
        using var session = new FaultySession("cuda:0");
        var budget = Run(session);
        Assert.Equal([(1, 16), (32, 16), (1, 32), (32, 32), (1, 64), (16, 64), (1, 100), (10, 100)], session.Shapes);
        Assert.Equal(1_024, budget.Current.MaxTokens);
    }

    [Fact]
    public void A_cpu_needs_two_widths()
    {
        using var session = new FaultySession("cpu");
        Run(session);
        Assert.Equal([16, 32], session.Shapes.Select(shape => shape.Width).Distinct());
    }

    [Fact]
    public void A_full_batch_that_does_not_fit_shrinks_the_budget_and_the_rest_is_warmed_with_that()
    {
        using var session = new FaultySession("cuda:0") { MemoryTokens = 400 };
        var budget = Run(session);
        Assert.Equal([(1, 16), (32, 16), (16, 16), (1, 32), (8, 32), (1, 64), (4, 64), (1, 100), (2, 100)], session.Shapes);
        Assert.Equal(256, budget.Current.MaxTokens);
    }

    [Fact]
    public void A_text_too_long_for_the_memory_is_no_reason_not_to_serve_shorter_ones()
    {
        using var session = new FaultySession("cuda:0") { MemoryTokens = 50 };
        Run(session);
        Assert.Equal((1, 64), session.Shapes[^1]);
    }

    [Fact]
    public void A_device_without_memory_for_one_short_text_is_refused_with_the_fix()
    {
        using var session = new FaultySession("cuda:0") { MemoryTokens = 10 };
        var error = Assert.Throws<ConfigurationException>(() => Run(session));
        Assert.Contains("cuda:0 has no memory", error.Message, StringComparison.Ordinal);
        Assert.Contains("smaller model", error.Message, StringComparison.Ordinal);
    }

    private static BatchBudget Run(FaultySession session)
    {
        var budget = new BatchBudget(new BatchLimits(1_024, 32));
        WarmUp.Run(session, budget, maxTokens: 100, paddingId: 0);
        return budget;
    }
}
