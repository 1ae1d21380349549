using Millrace.PerspectiveClassifier.Pacing;

namespace Millrace.PerspectiveClassifier.Tests.Pacing;

/// <summary>What simulations of the pacing share.</summary>
internal static class PacingSimulation
{
    /// <summary>In microseconds.</summary>
    public const long Second = 1_000_000;

    /// <summary>As the pacer makes it.</summary>
    public static PacingSchedule FiftyASecond() => new(50, Second, 0.99, 8_000, Second / 4, 0);

    public static int MostInASecond(List<long> arrivals)
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < arrivals.Count; last++)
        {
            while (arrivals[last] - arrivals[first] >= Second)
                first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }
}
