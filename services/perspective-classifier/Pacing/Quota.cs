namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>So many calls in any window of that length.</summary>
public sealed record Quota(int Permits, TimeSpan Window)
{
    public double PerSecond => Permits / Window.TotalSeconds;
}
