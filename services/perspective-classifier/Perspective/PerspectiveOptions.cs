using System.ComponentModel.DataAnnotations;
using Millrace.PerspectiveClassifier.Pacing;

namespace Millrace.PerspectiveClassifier.Perspective;

/// <summary>How the remote API is used.</summary>
public sealed record PerspectiveOptions
{
    /// <summary>Any API with Perspective's contract.</summary>
    [Required]
    public Uri BaseUrl { get; init; } = new("https://commentanalyzer.googleapis.com");

    /// <summary>Never logged.</summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Calls that the quota allows in one window, from 1 to 1,000,000; by default 60. The API's own word, when it says another, is taken,
    /// but where this or the window is written no more than is written: a project's quota may be shared with others.
    /// </summary>
    [Range(1, 1_000_000)]
    public int? QuotaPermits { get; init; }

    /// <summary>Length of the quota's window in seconds, from 0.1 to 3,600; by default 60.</summary>
    [Range(0.1, 3_600)]
    public double? QuotaWindowSeconds { get; init; }

    internal Quota Quota => new(QuotaPermits ?? 60, TimeSpan.FromSeconds(QuotaWindowSeconds ?? 60));

    internal bool IsQuotaWritten => QuotaPermits is not null || QuotaWindowSeconds is not null;

    /// <summary>
    /// This replica's share of the quota, from 0.001 to 1: 0.5 for each of two. It is cut to whole calls, so that such shares together
    /// are never above the quota in any window: of 50 three use all with 0.34, 0.34 and 0.32. Less than a call is one call in a longer
    /// window, which keeps the rate but not every window: the calls of several such replicas may meet in one.
    /// </summary>
    [Range(0.001, 1)]
    public double QuotaShare { get; init; } = 1;

    /// <summary>Part of the rate that is used, from 0.5 to 1: the rest absorbs what machines and network delay (10 ms in a second at 0.99).</summary>
    [Range(0.5, 1)]
    public double QuotaUse { get; init; } = 0.99;

    /// <summary>Calls in progress at once, from 1 to 2,000; at least rate times latency.</summary>
    [Range(1, 2_000)]
    public int MaxConcurrentCalls { get; init; } = 200;

    /// <summary>A post that would wait longer for its turn, or waits when a longer pause begins, is handed back as throttled, in seconds, from 0.1 to 600.</summary>
    [Range(0.1, 600)]
    public double MaxWaitSeconds { get; init; } = 10;

    /// <summary>Time for one call, in seconds, from 0.1 to 300.</summary>
    [Range(0.1, 300)]
    public double CallTimeoutSeconds { get; init; } = 10;

    /// <summary>Further calls after a server error or a timeout, from 0 to 10; each waits longer, with jitter, and takes its turn.</summary>
    [Range(0, 10)]
    public int MaxRetries { get; init; } = 2;

    /// <summary>First wait before a further call, in milliseconds, from 1 to 60,000.</summary>
    [Range(1, 60_000)]
    public int RetryDelayMs { get; init; } = 500;

    /// <summary>Longest time that nothing is asked after many failures, in seconds, from 0.5 to 600.</summary>
    [Range(0.5, 600)]
    public double MaxBreakSeconds { get; init; } = 30;

    /// <summary>
    /// How long an API that refuses every call, or fails so often that the circuit stays open, holds the posts back, in seconds, from 1 to
    /// 604,800. From then on, until it works again, each post that comes fails with the reason and spends an attempt of its step.
    /// </summary>
    [Range(1, 604_800)]
    public double MaxStandstillSeconds { get; init; } = 3_600;

    /// <summary>Languages to name in every call, all of them; empty: the post's own where the steps before are sure, else the API detects it.</summary>
    public string[] Languages { get; init; } = [];

    /// <summary>True: the API is told not to keep texts, whatever a post says. It must be for private texts and for authors under 13.</summary>
    public bool DoNotStore { get; init; } = true;

    /// <summary>True: the API is asked to score parts of each text too; they stand in the record as <c>span_scores</c>.</summary>
    public bool SpanAnnotations { get; init; }
}
