namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>
/// A clock that nobody sets: its time of day begins right and goes on by time stamps. Polly's circuit breaker (8.9) goes by the time of day;
/// by the system's a circuit would stay open for as long as the machine's clock is set back.
/// </summary>
internal sealed class SteadyClock(TimeProvider clock) : TimeProvider
{
    private readonly DateTimeOffset _start = clock.GetUtcNow();
    private readonly long _startedAt = clock.GetTimestamp();

    public override long TimestampFrequency => clock.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => _start + clock.GetElapsedTime(_startedAt);

    public override long GetTimestamp() => clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        clock.CreateTimer(callback, state, dueTime, period);
}
