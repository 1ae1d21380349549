using System.ComponentModel.DataAnnotations;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>What <see cref="PipelineBenchmark"/> runs.</summary>
public sealed record PipelineBenchmarkOptions
{
    /// <summary>From 1 to 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public int Requests { get; init; } = 20_000;

    /// <summary>Items of a step message; 0 sends each alone.</summary>
    [Range(0, 10_000)]
    public int Batch { get; init; } = 64;

    /// <summary>Posts of one ingest message; 0 takes the batch, or 1 without one.</summary>
    [Range(0, 10_000)]
    public int PostsPerMessage { get; init; }

    [Required]
    public string BrokerUrl { get; init; } = "memory:";

    [Required]
    public string StoreUrl { get; init; } = "memory:";

    /// <summary>Requests a second, at fixed times whatever comes back; 0 publishes as fast as the broker confirms.</summary>
    [Range(0, 1_000_000)]
    public double RatePerSecond { get; init; }

    /// <summary>Messages of the raw measurement; 0 leaves it out.</summary>
    [Range(0, 100_000_000)]
    public int RawMessages { get; init; } = 50_000;
}

/// <summary>What came of a run.</summary>
/// <param name="RequestsPerSecond">From the first publish until the last request was saved as completed.</param>
/// <param name="RawMessagesPerSecond">Plain RabbitMQ.Client, persistent, confirmed, consumed and acknowledged; null on a bus in memory.</param>
/// <param name="P50Ms">From the moment a request was due to be published until its result came; null without a rate.</param>
/// <param name="Lost">Requests that did not complete.</param>
/// <param name="Duplicated">Items that workers got more than once.</param>
/// <param name="Commits">Transactions of the store.</param>
/// <param name="CpuSeconds">Of this process, workers and publisher included, without the broker.</param>
public sealed record PipelineBenchmarkResult(
    int Requests,
    int Batch,
    int PostsPerMessage,
    double Seconds,
    double RequestsPerSecond,
    double? RawMessagesPerSecond,
    double? P50Ms,
    double? P99Ms,
    double? MaxMs,
    long Lost,
    long Duplicated,
    long Commits,
    double CommitSeconds,
    double CpuSeconds,
    double AllocatedMegabytes,
    int Cores,
    string Broker,
    string Store);
