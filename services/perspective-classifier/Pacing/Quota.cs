namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>So many calls in any window of that length.</summary>
public sealed record Quota(int Permits, TimeSpan Window)
{
    private const double Rounding = 1e-6;

    public double PerSecond => Permits / Window.TotalSeconds;

    /// <summary>
    /// A part of the quota at exactly that part of its rate: where it is no whole number of calls, the next whole number in a window that is
    /// as much longer.
    /// </summary>
    /// <param name="share">Above 0, up to 1.</param>
    public Quota Share(double share)
    {
        var part = Permits * share;
        var permits = Math.Max(1, (int)Math.Ceiling(part - Rounding));
        return new Quota(permits, Window * Math.Max(1, permits / part));
    }
}
