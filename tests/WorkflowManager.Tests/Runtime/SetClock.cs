namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>The system's clock, set forward. It begins in the middle between two occurrences of <c>*/5 * * * *</c>.</summary>
internal sealed class SetClock : TimeProvider
{
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(5);

    private TimeSpan _ahead = 1.5 * Period - TimeSpan.FromTicks(System.GetUtcNow().Ticks % Period.Ticks);

    public void Forward(TimeSpan by) => _ahead += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;
}
