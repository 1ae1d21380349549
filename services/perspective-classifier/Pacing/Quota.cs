namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>So many calls in any window of that length.</summary>
public sealed record Quota(int Permits, TimeSpan Window)
{
    private const double Rounding = 1e-6;

    public double PerSecond => Permits / Window.TotalSeconds;

    /// <summary>
    /// A part of the quota in whole calls, so that such parts together never are above it in any window. A part of less than a
    /// call is one call in a window that is as much longer: right on average, but such parts know nothing of each other and may meet.
    /// </summary>
    /// <param name="share">Above 0, up to 1.</param>
    public Quota Share(double share)
    {
        var part = Permits * share;
        var permits = (int)(part + Rounding);
        return permits > 0 ? this with { Permits = permits } : new Quota(1, Window / part);
    }
}
