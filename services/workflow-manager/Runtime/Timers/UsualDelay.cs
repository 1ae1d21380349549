namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// How late timers are without anything being wrong, by how long a look at what is due takes until all of it is saved. It follows
/// slowly, so that a stall is not usual at once; but it does follow, for slots that are all late by as much are as far apart as ever.
/// </summary>
internal sealed class UsualDelay
{
    private const double Weight = 0.1;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(5);

    private long _ticks = Least.Ticks;

    /// <summary>What falls due just after a look began waits for its end, and then for its own.</summary>
    public TimeSpan Now => 2 * TimeSpan.FromTicks(Volatile.Read(ref _ticks));

    /// <summary>Told after each look that found something; one that took longer than twice the usual counts as twice.</summary>
    public void Add(TimeSpan look)
    {
        var usual = Volatile.Read(ref _ticks);
        var next = usual + (long)(Weight * (Math.Min(look.Ticks, 2 * usual) - usual));
        Volatile.Write(ref _ticks, Math.Max(next, Least.Ticks));
    }
}
