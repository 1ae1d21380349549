namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// How those whom a throttle held back leave once it is over, where no rate limit paces them: few at first, and twice as many each
/// second, so that an upstream that still can't take them says so to a few.
/// </summary>
/// <param name="StartPerSecond">The rate at the beginning.</param>
/// <param name="Length">For so long whoever comes takes a place among them.</param>
internal readonly record struct Ramp(int StartPerSecond, TimeSpan Length)
{
    /// <summary>When the one with so many before it leaves: the integral of a rate that doubles, solved for time.</summary>
    public TimeSpan After(long ahead) => TimeSpan.FromSeconds(Math.Log2(1 + (ahead * Math.Log(2) / StartPerSecond)));
}
