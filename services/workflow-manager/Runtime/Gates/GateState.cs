namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// A rate limit as GCRA with a burst of one: slots lie at least one interval apart, so no window of the limit's length holds
/// more than its permits. The whole state is two moments, which is what makes it cheap to share between managers.
/// </summary>
/// <param name="NextSlot">The earliest moment that is not given away.</param>
/// <param name="ClosedUntil">Before this nothing leaves: a worker was told to wait.</param>
internal sealed record GateState(DateTimeOffset NextSlot, DateTimeOffset ClosedUntil)
{
    public static GateState Open { get; } = new(DateTimeOffset.MinValue, DateTimeOffset.MinValue);

    /// <summary>Gives away the next <paramref name="count"/> slots.</summary>
    public (GateState State, DateTimeOffset First) Reserve(int count, TimeSpan interval, DateTimeOffset now)
    {
        var first = Later(now, Later(NextSlot, ClosedUntil));
        return (this with { NextSlot = first + (count * interval) }, first);
    }

    /// <summary>Closing never shortens: the latest word of an upstream that is still in force counts.</summary>
    public GateState Close(DateTimeOffset until) => this with { ClosedUntil = Later(ClosedUntil, until) };

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;
}
