namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// A rate limit as GCRA with a burst of one: slots lie at least one interval apart, so no window of the limit's length holds
/// more than its permits. The whole state is a few moments and counts, which is what makes it cheap to share between managers.
/// </summary>
/// <param name="NextSlot">The earliest moment of the line that is not given away.</param>
/// <param name="ClosedUntil">Before this nothing leaves: a worker was told to wait.</param>
/// <param name="Released">How many have been given a place in the crowd since it opened.</param>
/// <param name="NextTurn">The earliest moment after those given to who missed a slot.</param>
/// <param name="Round">
/// Of those who missed their slots and are let through; 0: there was none. The number grows by as many ticks as all their turns have moved
/// back since the round before, so that who had a turn then finds its place again.
/// </param>
/// <param name="Interval">Between the last slots that were given away; 0: there was no limit.</param>
/// <param name="LineEnd">Where the line ended when it was last closed: who held an earlier slot than this misses it, if that comes before it opens.</param>
/// <param name="VoidRound">Slots of the line and of rounds up to this one were given away before the line was closed up, and do not count any more.</param>
/// <param name="VoidUntil">When the last of them comes.</param>
internal sealed record GateState(
    DateTimeOffset NextSlot, DateTimeOffset ClosedUntil, long Released = 0, DateTimeOffset NextTurn = default, long Round = 0, TimeSpan Interval = default,
    DateTimeOffset LineEnd = default, long VoidRound = 0, DateTimeOffset VoidUntil = default)
{
    /// <summary>For so long others may not know yet that a round has begun, and let go whoever holds a slot.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);

    /// <summary>No slot lies later, whatever a limit says: moments must stay moments that stores can keep.</summary>
    private static readonly DateTimeOffset Latest = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static GateState Open { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>When the last who was given a slot so far will have gone, and one interval.</summary>
    public DateTimeOffset End => Later(NextSlot, NextTurn);

    /// <summary>Gives away the next slots of the line, one each.</summary>
    public (GateState State, DateTimeOffset[] Slots) Reserve(int count, Pace pace, Ramp ramp, DateTimeOffset now)
    {
        var slots = new DateTimeOffset[count];
        if (pace.Interval == TimeSpan.Zero)
        {
            for (var index = 0; index < count; index++)
                slots[index] = pace.LeaveAt(Later(now, ClosedUntil + ramp.After(Released + index)));
            return (this with { Released = Released + count }, slots);
        }
        var first = Later(Later(now, ClosedUntil), End);
        for (var index = 0; index < count; index++)
            slots[index] = pace.LeaveAt(After(first, index, pace));
        if (count > 0 && End <= now - pace.IdleTime)
            slots[0] = first;
        return (this with { NextSlot = After(first, count, pace), Interval = pace.Interval }, slots);
    }

    /// <summary>
    /// Lets through, one interval apart, those who missed their slots. While they go, whoever else holds a slot asks again when it comes
    /// and follows them: so all move back by as much as was missed, keep their order, and none leaves beside another. Who misses the
    /// turn that this round gave it begins the next, in which all that had turns keep their places before the others.
    /// </summary>
    /// <param name="missed">In the order in which they are to go.</param>
    public (GateState State, DateTimeOffset[] Turns) LetThrough(IReadOnlyList<MissedSlot> missed, Pace pace, DateTimeOffset now)
    {
        var state = BeginRoundIfNew(missed, pace, now);
        var earliest = Later(now, ClosedUntil);
        var next = Later(earliest, state.NextTurn);
        var turns = new DateTimeOffset[missed.Count];
        for (var index = 0; index < turns.Length; index++)
        {
            if (missed[index].Round > VoidRound && missed[index].At.AddTicks(state.Round - missed[index].Round) is var again && again >= earliest)
            {
                turns[index] = pace.LeaveAt(again);
                continue;
            }
            turns[index] = pace.LeaveAt(next);
            next = After(next, 1, pace);
        }
        return (state with { NextTurn = next, Interval = pace.Interval }, turns);
    }

    private GateState BeginRoundIfNew(IReadOnlyList<MissedSlot> missed, Pace pace, DateTimeOffset now)
    {
        var late = now - missed.Min(turn => turn.At);
        var start = Later(Later(now, ClosedUntil), now + (late < Settling ? late : Settling));
        if (!IsLettingThrough(pace, now))
            return this with { Round = Round + 1, NextTurn = start };
        foreach (var turn in missed)
        {
            if (turn.Round == Round)
            {
                var back = Math.Max(1, (start - turn.At).Ticks + 1);
                return this with { Round = Round + back, NextTurn = NextTurn.AddTicks(back) };
            }
        }
        return this;
    }

    public bool IsLettingThrough(Pace pace, DateTimeOffset now) => NextTurn > now - pace.IdleTime;

    /// <summary>
    /// Begins the line anew, from when all managers know: whoever holds a slot asks again, early where it is told to and else when that comes,
    /// and those who come meanwhile stand between them. So what others have given up is used.
    /// </summary>
    public GateState CloseUp(DateTimeOffset now)
    {
        var start = now + Settling + Settling;
        return this with { NextSlot = Earlier(NextSlot, start), NextTurn = start, Round = Round + 1, VoidRound = Round, VoidUntil = Later(VoidUntil, End) };
    }

    /// <summary>The rounds whose slots do not count, while some may be held; null: none.</summary>
    public long? VoidAt(DateTimeOffset now) => now < VoidUntil ? VoidRound : null;

    /// <summary>The round that a slot must be of to count; null: all count.</summary>
    public long? RoundAt(Pace pace, DateTimeOffset now) => IsLettingThrough(pace, now) || VoidAt(now) is not null ? Round : null;

    /// <summary>Closing never shortens: the latest word of an upstream that is still in force counts.</summary>
    public GateState Close(DateTimeOffset until) => until > ClosedUntil ? this with { ClosedUntil = until, Released = 0, LineEnd = NextSlot } : this;

    /// <summary>
    /// When who holds a slot will go, as far as can be said now: what is missed while it is closed goes first once it opens, one interval
    /// apart, and all that holds a slot moves back by as much.
    /// </summary>
    public DateTimeOffset TurnOf(DateTimeOffset slot, long round, DateTimeOffset now)
    {
        var opens = Later(ClosedUntil, now);
        var isLetThrough = round > 0 && round == Round;
        if (isLetThrough && slot >= ClosedUntil)
            return slot;
        // Where the line was short when it was closed, those that came later hold slots behind the closing.
        var back = slot >= opens && LineEnd < opens && ClosedUntil > now
            ? (Later(LineEnd, now) - now) + (Later(NextTurn, opens) - opens)
            : Later(isLetThrough ? now : NextTurn, opens) - now;
        return slot + back;
    }

    /// <summary>When the last who holds a slot will go, and how many hold one.</summary>
    public (long Count, DateTimeOffset? Last) Line(TimeSpan interval, DateTimeOffset now)
    {
        var opens = Later(ClosedUntil, now);
        var missed = Earlier(LineEnd, opens) - now;
        var waits = Later(End, opens) - opens + (ClosedUntil > now && missed > TimeSpan.Zero ? missed : TimeSpan.Zero);
        var count = waits.Ticks / interval.Ticks;
        return (count, count > 0 ? opens + waits - interval : null);
    }

    /// <summary>Nobody holds a slot any more; the last to leave may have left just now.</summary>
    public GateState Empty(DateTimeOffset now) => this with { NextSlot = Earlier(NextSlot, now + Interval), NextTurn = Earlier(NextTurn, now + Interval) };

    /// <summary>Slots are given away that lie further than an empty line can reach.</summary>
    public bool IsLong(DateTimeOffset now) => Interval > TimeSpan.Zero && End > now + Interval;

    private static DateTimeOffset After(DateTimeOffset first, int count, Pace pace)
    {
        if (first >= Latest)
            return Latest;
        return pace.Interval > (Latest - first) / Math.Max(count, 1) ? Latest : first + (count * pace.Interval);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}

/// <param name="Round">Of the slot that was missed.</param>
internal readonly record struct MissedSlot(DateTimeOffset At, long Round);
