namespace Millrace.PerspectiveEmulator;

/// <summary>What the emulator has seen.</summary>
/// <param name="Calls">All calls that arrived.</param>
/// <param name="Accepted">Of them, those inside the quota.</param>
/// <param name="Refused">Answered 429.</param>
/// <param name="Scored">Answered 200.</param>
/// <param name="Rejected">Answered 400 or 403.</param>
/// <param name="Failed">Answered 5xx, cut off or never.</param>
/// <param name="MaxInAnySecond">Most arrivals, refused ones too, in any window of one second.</param>
/// <param name="MaxInAnySecondAfterOutage">The same of arrivals since the end of the outage: a herd would show here.</param>
/// <param name="Seconds">From the first arrival to the last.</param>
public sealed record EmulatorStatistics(
    int Calls, int Accepted, int Refused, int Scored, int Rejected, int Failed, int MaxInAnySecond, int MaxInAnySecondAfterOutage, double Seconds);
