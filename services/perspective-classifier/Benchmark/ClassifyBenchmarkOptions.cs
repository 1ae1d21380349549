using System.ComponentModel.DataAnnotations;

namespace Millrace.PerspectiveClassifier.Benchmark;

/// <summary>What to measure: one API, its quota, and how long.</summary>
public sealed record ClassifyBenchmarkOptions
{
    /// <summary>A Perspective-compatible API; for measurements the emulator in <c>tests/PerspectiveEmulator</c>.</summary>
    [Required]
    public required Uri BaseUrl { get; init; }

    public string? ApiKey { get; init; }

    /// <summary>Calls in one window of the quota.</summary>
    [Range(1, 1_000_000)]
    public int QuotaPermits { get; init; } = 50;

    /// <summary>Length of the window in seconds.</summary>
    [Range(0.1, 3_600)]
    public double QuotaWindowSeconds { get; init; } = 1;

    /// <summary>How long posts are sent, in seconds.</summary>
    [Range(1, 3_600)]
    public double DurationSeconds { get; init; } = 120;

    /// <summary>How long after the last post was sent the posts may still end, in seconds; what has not ended then is lost.</summary>
    [Range(1, 3_600)]
    public double PatienceSeconds { get; init; } = 300;

    /// <summary>Calls in progress at once.</summary>
    [Range(1, 2_000)]
    public int Concurrency { get; init; } = 200;
}
