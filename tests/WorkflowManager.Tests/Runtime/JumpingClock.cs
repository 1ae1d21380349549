namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>The system's clock, set wrong by a test. Time passes as it does: timers and time stamps are not touched, as when a machine's clock is set.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private long _offsetTicks;

    public void Jump(TimeSpan by) => Interlocked.Add(ref _offsetTicks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));
}
