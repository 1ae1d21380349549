namespace Millrace.PerspectiveClassifier.Tests.Perspective;

/// <summary>The system's clock, on which a test lets hours pass; timers that are already set go by the real one.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private long _leaptTicks;
    private long _setBackTicks;

    private TimeSpan Leapt => TimeSpan.FromTicks(Interlocked.Read(ref _leaptTicks));

    public void Leap(TimeSpan by) => Interlocked.Add(ref _leaptTicks, by.Ticks);

    /// <summary>Somebody sets the time of day, and no time passes.</summary>
    public void SetBack(TimeSpan by) => Interlocked.Add(ref _setBackTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Leapt - TimeSpan.FromTicks(Interlocked.Read(ref _setBackTicks));

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Leapt.TotalSeconds * TimestampFrequency);
}
