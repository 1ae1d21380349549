using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime.Gates;

/// <summary>When slots lie: by rate limits, in batches, and after a throttle.</summary>
public sealed class GateStateTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly Ramp Ramp = new(10, TimeSpan.FromSeconds(10));

    [Fact]
    public void Whatever_comes_when_no_window_of_the_limits_length_holds_more_than_its_permits()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var limit = new RateLimit(random.Next(1, 60), TimeSpan.FromMilliseconds(random.Next(50, 3_000)));
            var step = new StepDefinition { Name = "a", Batch = random.Next(0, 40), RateLimit = limit };
            var departures = Depart(random, Pace.Of(step, TimeSpan.FromMilliseconds(random.Next(0, 500))));
            for (var index = limit.Permits; index < departures.Count; index++)
            {
                Assert.True(
                    departures[index] - departures[index - limit.Permits] >= limit.Per,
                    $"seed {seed}: {limit.Permits + 1} within {departures[index] - departures[index - limit.Permits]} of {limit}, batch {step.Batch}");
            }
        }
    }

    [Theory]
    [InlineData(50, 64, 10)]
    [InlineData(100, 16, 14)]
    [InlineData(3, 64, 1)]
    public void With_a_batch_slots_leave_together_as_many_as_the_look_ahead_holds_and_no_later_for_it(int permits, int batch, int expected)
    {
        var step = new StepDefinition { Name = "a", Batch = batch, RateLimit = new RateLimit(permits, TimeSpan.FromSeconds(1)) };
        var pace = Pace.Of(step, TimeSpan.FromMilliseconds(200));
        var (_, slots) = GateState.Open.Reserve(permits * 4, pace, Ramp, Start);
        Assert.Equal(Start, slots[0]);
        var groups = slots.Skip(1).GroupBy(slot => slot).ToList();
        Assert.Equal(expected, groups.Max(group => group.Count()), tolerance: 1);
        Assert.True(groups.Count <= (permits * 4 / expected) + 2);
        Assert.InRange(slots[^1], Start.AddSeconds(3.6), Start.AddSeconds(4.2));
    }

    [Fact]
    public void One_alone_leaves_at_once_and_so_does_the_next_after_a_pause()
    {
        var step = new StepDefinition { Name = "a", Batch = 64, RateLimit = new RateLimit(50, TimeSpan.FromSeconds(1)) };
        var pace = Pace.Of(step, TimeSpan.FromMilliseconds(200));
        var (state, first) = GateState.Open.Reserve(1, pace, Ramp, Start);
        var (_, second) = state.Reserve(1, pace, Ramp, Start.AddSeconds(1));
        Assert.Equal((Start, Start.AddSeconds(1)), (first[0], second[0]));
    }

    [Fact]
    public void After_a_throttle_few_leave_at_first_and_twice_as_many_each_second()
    {
        var closed = GateState.Open.Close(Start.AddSeconds(5));
        var pace = Pace.Of(new StepDefinition { Name = "a" }, TimeSpan.FromMilliseconds(200));
        var (state, some) = closed.Reserve(400, pace, Ramp, Start.AddSeconds(5));
        var (_, others) = state.Reserve(600, pace, Ramp, Start.AddSeconds(5.5));
        DateTimeOffset[] slots = [.. some, .. others];
        var perSecond = slots.GroupBy(slot => (int)(slot - Start.AddSeconds(5)).TotalSeconds).Select(group => group.Count()).ToList();
        Assert.All(perSecond.Zip([15, 29, 58, 115, 231]), pair => Assert.InRange(pair.First, pair.Second - 1, pair.Second + 1));
        Assert.Equal(slots.Order(), slots);
        Assert.True(slots[^1] < Start.AddSeconds(13), "A thousand are gone after some seconds.");
    }

    [Fact]
    public void A_throttle_in_the_middle_of_it_begins_it_again_and_an_older_word_does_not()
    {
        var pace = Pace.Of(new StepDefinition { Name = "a" }, TimeSpan.Zero);
        var (state, _) = GateState.Open.Close(Start).Reserve(100, pace, Ramp, Start);
        Assert.Equal(100, state.Close(Start).Released);
        var again = state.Close(Start.AddSeconds(3));
        Assert.Equal(Start.AddSeconds(3), again.Reserve(1, pace, Ramp, Start.AddSeconds(1)).Slots[0]);
    }

    private static List<DateTimeOffset> Depart(Random random, Pace pace)
    {
        var (state, now, departures) = (GateState.Open, Start, new List<DateTimeOffset>());
        for (var arrival = 0; arrival < 60; arrival++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(4) switch { 0 => 0, 1 => random.Next(20), 2 => random.Next(300), _ => random.Next(5_000) * random.Next(2) });
            (state, var slots) = state.Reserve(random.Next(1, 30), pace, Ramp, now);
            Assert.All(slots, slot => Assert.True(slot >= now));
            departures.AddRange(slots);
        }
        departures.Sort();
        return departures;
    }
}
