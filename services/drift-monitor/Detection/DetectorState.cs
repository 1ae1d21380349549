namespace Millrace.DriftMonitor.Detection;

/// <summary>All that a detector knows.</summary>
public sealed record DetectorState
{
    public required string Name { get; init; }

    public required int Dimensions { get; init; }

    /// <summary>One more each time that a new reference is adopted; 1 is the first.</summary>
    public int ReferenceVersion { get; set; } = 1;

    public required PostWindow Reference { get; set; }

    public required PostWindow Current { get; set; }

    /// <summary>Posts so far, and the number of the last one.</summary>
    public long Seen { get; set; }

    public int SinceTest { get; set; }

    public bool Drifting { get; set; }

    /// <summary>Tests in a row that found nothing while <see cref="Drifting"/>.</summary>
    public int QuietTests { get; set; }

    public List<DriftTest> History { get; init; } = [];

    public IReadOnlyList<DrivingPost> Driving { get; set; } = [];

    /// <summary>Alarms that the broker has not confirmed yet, oldest first.</summary>
    public IReadOnlyList<DriftAlarm> PendingAlarms { get; set; } = [];
}
