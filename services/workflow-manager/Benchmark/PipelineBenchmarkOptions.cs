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

    /// <summary>Seconds at the start that the second set of latencies leaves out.</summary>
    [Range(0, 3_600)]
    public double WarmUpSeconds { get; init; } = 5;

    /// <summary>Messages of the raw measurement; 0 leaves it out.</summary>
    [Range(0, 100_000_000)]
    public int RawMessages { get; init; } = 50_000;

    /// <summary>Managers as processes of their own, started by a launcher; 0: one in this process.</summary>
    [Range(0, 64)]
    public int Managers { get; init; }

    /// <summary>Finished requests that the store holds before the run; what it lacks is written first.</summary>
    [Range(0, 100_000_000)]
    public int Stored { get; init; }

    /// <summary>Processes on this machine, such as broker and store, whose use of the CPU is told with that of their children: name and id.</summary>
    public IReadOnlyList<KeyValuePair<string, int>> Watched { get; init; } = [];
}
