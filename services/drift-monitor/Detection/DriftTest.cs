using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Detection;

/// <summary>One test of the current window against the reference.</summary>
/// <param name="Seen">Posts that the detector had seen by then.</param>
/// <param name="Alarm">True once a change: at its first significant test.</param>
/// <param name="Drifting">True from the alarm until a whole window of tests has found nothing.</param>
/// <param name="Method">What the statistic was computed over; statistics of two methods are not to be compared.</param>
public sealed record DriftTest(
    DateTimeOffset At, long Seen, int ReferenceVersion, double Mmd2, double Threshold, double PValue, bool Drifting, bool Alarm,
    string Method = FeatureMmdTest.Method);

/// <summary>A post and how far it stands on the side of the current window: the witness function at its vector.</summary>
public sealed record DrivingPost(string Post, double Witness);
