namespace Millrace.WorkflowManager.Engine.Workflows;

/// <summary>At most so many dispatches of the step in any window of that length, over all requests and managers.</summary>
public sealed record RateLimit(int Permits, TimeSpan Per)
{
    /// <summary>Between two dispatches.</summary>
    public TimeSpan Interval => Per / Permits;
}
