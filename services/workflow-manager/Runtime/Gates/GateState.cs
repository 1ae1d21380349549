namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// A rate limit as GCRA with a burst of one: slots lie at least one interval apart, so no window of the limit's length holds
/// more than its permits. The whole state is two moments and a count, which is what makes it cheap to share between managers.
/// </summary>
/// <param name="NextSlot">The earliest moment that is not given away.</param>
/// <param name="ClosedUntil">Before this nothing leaves: a worker was told to wait.</param>
/// <param name="Released">How many have been given a place in the crowd since it opened.</param>
internal sealed record GateState(DateTimeOffset NextSlot, DateTimeOffset ClosedUntil, long Released = 0)
{
    public static GateState Open { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>Gives away the next slots, one each.</summary>
    public (GateState State, DateTimeOffset[] Slots) Reserve(int count, Pace pace, Ramp ramp, DateTimeOffset now)
    {
        var slots = new DateTimeOffset[count];
        if (pace.Interval == TimeSpan.Zero)
        {
            for (var index = 0; index < count; index++)
                slots[index] = pace.LeaveAt(Later(now, ClosedUntil + ramp.After(Released + index)));
            return (this with { Released = Released + count }, slots);
        }
        var first = Later(now, Later(NextSlot, ClosedUntil));
        for (var index = 0; index < count; index++)
            slots[index] = pace.LeaveAt(first + (index * pace.Interval));
        if (count > 0 && NextSlot <= now - pace.IdleTime)
            slots[0] = first;
        return (this with { NextSlot = first + (count * pace.Interval) }, slots);
    }

    /// <summary>Closing never shortens: the latest word of an upstream that is still in force counts.</summary>
    public GateState Close(DateTimeOffset until) => until > ClosedUntil ? this with { ClosedUntil = until, Released = 0 } : this;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
