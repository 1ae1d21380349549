namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>At most so many dispatches of the step in any window of that length, over all requests and managers.</summary>
public sealed record RateLimit(int Permits, TimeSpan Per)
{
    /// <summary>Between two dispatches; rounded up, so that no window holds one too many.</summary>
    public TimeSpan Interval => TimeSpan.FromTicks((Per.Ticks + Permits - 1) / Permits);
}
