using System.Diagnostics.Metrics;

namespace Millrace.DriftMonitor;

internal static class DriftMetrics
{
    private static readonly Meter Meter = new("Millrace.DriftMonitor");

    public static Counter<long> Tests { get; } = Meter.CreateCounter<long>("millrace.drift.tests", description: "Tests of a current window against its reference.");

    public static Counter<long> Alarms { get; } = Meter.CreateCounter<long>("millrace.drift.alarms", description: "Changes found.");

    public static Gauge<double> Statistic { get; } = Meter.CreateGauge<double>("millrace.drift.mmd2", description: "The last MMD² of a detector.");

    public static Counter<long> Ignored { get; } = Meter.CreateCounter<long>("millrace.drift.ignored", description: "Vectors that no detector took, by reason.");
}
