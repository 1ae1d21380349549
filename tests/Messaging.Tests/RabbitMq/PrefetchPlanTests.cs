using Millrace.Messaging.RabbitMq;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>How many messages the broker may send ahead, as far as their size is known.</summary>
public sealed class PrefetchPlanTests
{
    private static readonly BusOptions Limits = new() { MaxHeldBytes = 16_000_000, MaxBodyBytes = 4_000_000 };

    [Fact]
    public void It_begins_with_as_many_as_fit_whatever_their_size_and_doubles_while_they_are_small()
    {
        var plan = new PrefetchPlan(prefetch: 20, Limits);
        var ahead = new List<int> { plan.Current };
        for (var message = 0; message < 4 + 8 + 16; message++)
        {
            plan.Note(800_000);
            ahead.Add(plan.Current);
        }

        Assert.Equal([4, 8, 16, 20], ahead.Distinct());
    }

    [Fact]
    public void The_first_large_one_makes_it_few_again()
    {
        var plan = new PrefetchPlan(prefetch: 20, Limits);
        for (var message = 0; message < 100; message++)
            plan.Note(1_000);
        plan.Note(800_001);

        Assert.Equal(4, plan.Current);
    }

    [Fact]
    public void It_is_never_more_than_the_consumer_wants_and_never_none()
    {
        Assert.Equal(2, new PrefetchPlan(prefetch: 2, Limits).Current);
        Assert.Equal(1, new PrefetchPlan(prefetch: 20, Limits with { MaxBodyBytes = 32_000_000 }).Current);
        Assert.Equal(20, new PrefetchPlan(prefetch: 20, Limits, mayChange: false).Current);
    }
}
