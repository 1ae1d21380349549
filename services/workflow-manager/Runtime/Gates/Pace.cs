using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// How the dispatches of a step follow each other. Where batches may fill, slots leave together at the end of their part of the
/// window: parts end at fixed moments and each holds the slots of one part of the limit's length, so no window holds more than before.
/// </summary>
/// <param name="Interval">Between two slots of a rate limit; zero if there is none.</param>
/// <param name="Window">The rate limit's length, or without one how long a batch may wait.</param>
/// <param name="Parts">Of the window; 0: each slot leaves alone, at once.</param>
internal readonly record struct Pace(TimeSpan Interval, TimeSpan Window, int Parts)
{
    /// <summary>After so long without a slot one may leave at once.</summary>
    public TimeSpan IdleTime => Parts == 0 ? TimeSpan.Zero : Window / Parts;

    /// <param name="lookAhead">How long a slot may wait for others.</param>
    public static Pace Of(StepDefinition step, TimeSpan lookAhead)
    {
        if (step.Batch < 2 || lookAhead == TimeSpan.Zero)
            return new Pace(step.RateLimit?.Interval ?? TimeSpan.Zero, TimeSpan.Zero, 0);
        if (step.RateLimit is not { } limit)
            return new Pace(TimeSpan.Zero, lookAhead, 1);
        var parts = (int)Math.Ceiling(Math.Max(limit.Per / lookAhead, (double)limit.Permits / step.Batch));
        // Parts for one slot each would only delay it.
        return new Pace(limit.Interval, limit.Per, parts < limit.Permits ? parts : 0);
    }

    public DateTimeOffset LeaveAt(DateTimeOffset slot)
    {
        if (Parts == 0)
            return slot;
        Int128 window = Window.Ticks;
        var part = ((slot.UtcTicks * (Int128)Parts) + window - 1) / window;
        return new DateTimeOffset((long)(((part * window) + Parts - 1) / Parts), TimeSpan.Zero);
    }
}
