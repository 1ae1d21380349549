using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Workflows;

public sealed class RetryRuleTests
{
    [Theory]
    [InlineData(Backoff.Constant, new[] { 4, 4, 4, 4 })]
    [InlineData(Backoff.Linear, new[] { 4, 8, 12, 16 })]
    [InlineData(Backoff.Exponential, new[] { 4, 8, 16, 20 })]
    public void The_wait_is_the_nominal_one_less_a_fifth_at_most_and_spread_over_it(Backoff backoff, int[] nominal)
    {
        var rule = new RetryRule { Backoff = backoff, Delay = TimeSpan.FromSeconds(4), MaxDelay = TimeSpan.FromSeconds(20) };
        for (var failures = 1; failures <= nominal.Length; failures++)
        {
            var full = TimeSpan.FromSeconds(nominal[failures - 1]);
            var waits = Enumerable.Range(0, 500).Select(number => rule.DelayAfter(failures, new Guid(number, 0, 0, new byte[8]), 0)).ToList();
            Assert.All(waits, wait => Assert.InRange(wait, full * 0.8, full));
            Assert.True(waits.Min() < full * 0.82 && waits.Max() > full * 0.98, "Waits are spread over the whole fifth.");
        }
    }

    [Fact]
    public void The_same_failure_waits_the_same_and_another_step_or_failure_does_not()
    {
        var rule = new RetryRule { Backoff = Backoff.Constant, Delay = TimeSpan.FromHours(1), MaxDelay = TimeSpan.FromHours(1) };
        var id = new Guid("0e7ae1a3-6a34-4d0e-9b2c-5fc2a07b3b1c");

        Assert.Equal(rule.DelayAfter(1, id, 0), rule.DelayAfter(1, id, 0));
        Assert.Equal(4, new[] { rule.DelayAfter(1, id, 0), rule.DelayAfter(1, id, 1), rule.DelayAfter(2, id, 0), rule.DelayAfter(1, Guid.Empty, 0) }.Distinct().Count());
    }
}
