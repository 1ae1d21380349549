using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime.Gates;

/// <summary>What is said of a turn before it comes.</summary>
public sealed class TurnTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Opens = Start.AddHours(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly Pace Pace = Pace.Of(new StepDefinition { Name = "a", RateLimit = new RateLimit(1, Second) }, TimeSpan.Zero);
    private static readonly Ramp Ramp = new(10, TimeSpan.FromSeconds(10));

    [Theory]
    [InlineData(600)]
    [InlineData(5_000)]
    public void While_the_gate_is_closed_those_that_hold_a_slot_go_one_interval_apart_once_it_opens(int holders)
    {
        var (line, slots) = GateState.Open.Reserve(holders, Pace, Ramp, Start);
        var closed = line.Close(Opens);

        for (var index = 0; index < holders; index++)
            Assert.Equal(Opens + (index * Second), closed.TurnOf(slots[index], 0, Start));
        Assert.Equal((holders, Opens + ((holders - 1) * Second)), closed.Line(Second, Start));
    }

    [Fact]
    public void Who_comes_while_it_is_closed_follows_those_that_held_a_slot_before()
    {
        var (line, _) = GateState.Open.Reserve(600, Pace, Ramp, Start);
        var (state, slots) = line.Close(Opens).Reserve(2, Pace, Ramp, Start.AddSeconds(5));

        Assert.Equal(Opens.AddSeconds(595), state.TurnOf(slots[0], 0, Start.AddSeconds(5)));
        Assert.Equal((597, Opens.AddSeconds(596)), state.Line(Second, Start.AddSeconds(5)));
    }

    [Fact]
    public void Who_comes_to_a_closed_gate_before_which_nobody_stands_goes_when_its_slot_comes()
    {
        var (state, slots) = GateState.Open.Close(Opens).Reserve(3, Pace, Ramp, Start);

        Assert.Equal([Opens, Opens + Second, Opens + (2 * Second)], slots.Select(slot => state.TurnOf(slot, 0, Start)));
    }

    [Fact]
    public void What_is_said_stays_true_while_those_that_miss_their_slots_are_given_others()
    {
        var (line, slots) = GateState.Open.Reserve(5_000, Pace, Ramp, Start);
        var closed = line.Close(Opens);
        var now = Start.AddSeconds(100);
        var missed = slots.Take(100).Select(slot => new MissedSlot(slot, 0)).ToList();

        var (state, turns) = closed.LetThrough(missed, Pace, now);

        Assert.Equal(Opens, state.TurnOf(turns[0], state.Round, now));
        Assert.Equal(Opens.AddSeconds(99), state.TurnOf(turns[99], state.Round, now));
        Assert.Equal(Opens.AddSeconds(100), state.TurnOf(slots[100], 0, now));
        Assert.Equal(Opens.AddSeconds(4_999), state.TurnOf(slots[4_999], 0, now));
    }

    [Fact]
    public void Without_a_closing_a_slot_is_the_turn()
    {
        var (state, slots) = GateState.Open.Reserve(3, Pace, Ramp, Start);

        Assert.Equal(slots, slots.Select(slot => state.TurnOf(slot, 0, Start)));
        Assert.Equal((3, Start + (2 * Second)), state.Line(Second, Start));
        Assert.Equal((0, null), state.Line(Second, Start.AddHours(1)));
        // One that is over is told as such.
        Assert.Equal(slots[0], state.TurnOf(slots[0], 0, Start.AddHours(1)));
    }
}
