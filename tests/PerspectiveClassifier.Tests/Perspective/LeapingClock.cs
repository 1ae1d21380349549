namespace Millrace.PerspectiveClassifier.Tests.Perspective;

/// <summary>The system's clock, on which a test lets hours pass; timers that are already set go by the real one.</summary>
internal sealed class LeapingClock : TimeProvider
{
    private long _leaptTicks;

    private TimeSpan Leapt => TimeSpan.FromTicks(Interlocked.Read(ref _leaptTicks));

    public void Leap(TimeSpan by) => Interlocked.Add(ref _leaptTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Leapt;

    public override long GetTimestamp() => base.GetTimestamp() + (long)(Leapt.TotalSeconds * TimestampFrequency);
}
