namespace Millrace.DriftMonitor.Tests;

/// <summary>A clock that stands still.</summary>
internal sealed class SetClock : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
}
