namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// The time that managers on one store share: this machine's clock as long as the store's server agrees with it. Between two comparisons
/// time passes as the machine counts it, whatever is done to its clock meanwhile: so nothing is ever dated, or called due, by a clock that
/// has jumped. Where the store tells no time it is the machine's clock.
/// </summary>
/// <param name="own">This machine's.</param>
internal sealed class StoreClock(TimeProvider own) : TimeProvider
{
    /// <summary>By so much clocks may differ without anybody minding.</summary>
    public static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(1);

    private volatile Comparison? _last;

    /// <summary>This machine's clock was set since it was compared, or time has passed that the machine did not count, as when it slept.</summary>
    public bool HasJumped => _last is { } last && IsOff(last, own.GetUtcNow());

    public override long TimestampFrequency => own.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => own.LocalTimeZone;

    /// <summary>What the machine itself says.</summary>
    public DateTimeOffset GetOwnNow() => own.GetUtcNow();

    public override DateTimeOffset GetUtcNow()
    {
        var now = own.GetUtcNow();
        return _last is { } last && (last.Correction != TimeSpan.Zero || IsOff(last, now)) ? Passed(last) + last.Correction : now;
    }

    public override long GetTimestamp() => own.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        own.CreateTimer(callback, state, dueTime, period);

    /// <summary>The machine's clock has been compared with the store's.</summary>
    /// <param name="at">What it said.</param>
    /// <param name="stamp">The time stamp of that moment.</param>
    /// <param name="correction">What must be added to be right; zero: it is right enough.</param>
    public void Set(DateTimeOffset at, long stamp, TimeSpan correction) => _last = new Comparison(at, stamp, correction);

    private bool IsOff(Comparison last, DateTimeOffset now) => (now - Passed(last)).Duration() > Tolerated;

    private DateTimeOffset Passed(Comparison last) => last.At + own.GetElapsedTime(last.Stamp);

    private sealed record Comparison(DateTimeOffset At, long Stamp, TimeSpan Correction);
}
