namespace Millrace.Cli.Tests;

/// <summary>A clock that the test moves.</summary>
internal sealed class TestClock : TimeProvider
{
    private TimeSpan _passed;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _passed.Ticks;

    public void Advance(TimeSpan span) => _passed += span;
}
