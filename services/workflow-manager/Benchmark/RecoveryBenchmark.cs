using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>What <see cref="RecoveryBenchmark"/> runs.</summary>
public sealed record RecoveryBenchmarkOptions
{
    /// <summary>Requests that run when the manager is killed, from 1 to 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int Running { get; init; } = 100_000;

    /// <summary>Items of a step message; 0 sends each alone.</summary>
    [Range(0, 10_000)]
    public int Batch { get; init; } = 64;

    [Required]
    public required string BrokerUrl { get; init; }

    [Required]
    public required string StoreUrl { get; init; }
}

/// <param name="ReadySeconds">From the start of the new process until it serves.</param>
/// <param name="FirstSeconds">From then until the first of the requests has completed; workers come at once.</param>
/// <param name="AllSeconds">From then until all have.</param>
/// <param name="Lost">Requests that did not complete.</param>
/// <param name="Duplicated">Items that workers got more than once; a crash may send what was on its way again.</param>
/// <param name="MemoryMegabytes">Resident in the new manager at the end.</param>
public sealed record RecoveryBenchmarkResult(
    int Running, double ReadySeconds, double FirstSeconds, double AllSeconds, long Lost, long Duplicated, double MemoryMegabytes, double PeakMegabytes,
    string Broker, string Store);

/// <summary>A manager is killed while many requests run, with messages on their way, and a new one takes over.</summary>
public static class RecoveryBenchmark
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <param name="progress">Told how many requests run, then how many have completed.</param>
    public static async Task<RecoveryBenchmarkResult> RunAsync(
        RecoveryBenchmarkOptions options, IManagerLauncher launcher, Action<long>? progress, CancellationToken cancellationToken)
    {
        var workflow = new BenchmarkWorkflow(options.Batch);
        await using var folder = new WorkflowFolder();
        await workflow.WriteAsync(folder.Path, cancellationToken);
        await using var store = await StoreFactory.OpenAsync(options.StoreUrl, cancellationToken: cancellationToken);
        await using var bus = BusFactory.Create(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench" });
        await bus.StartAsync(cancellationToken);
        var launch = new ManagerLaunch("manager", options.BrokerUrl, options.StoreUrl, folder.Path);

        await using (var first = await launcher.StartAsync(launch, cancellationToken))
        {
            await AcceptAsync(workflow, options, store, bus, progress, cancellationToken);
            await first.KillAsync();
        }

        var started = Stopwatch.GetTimestamp();
        await using var next = await launcher.StartAsync(launch, cancellationToken);
        var ready = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var meter = new ProcessMeter("manager", next.ProcessId);
        started = Stopwatch.GetTimestamp();
        var count = await StatusCount.BeginAsync(store, workflow.Name, "completed", cancellationToken);
        await using var workers = await BenchmarkWorkers.StartAsync(bus, cancellationToken);
        await count.WaitAsync(1, LongestSilence, progress, cancellationToken);
        var begun = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var completed = await count.WaitAsync(options.Running, LongestSilence, progress, cancellationToken);
        var use = meter.Measure();
        return new RecoveryBenchmarkResult(
            options.Running, ready, begun, Stopwatch.GetElapsedTime(started).TotalSeconds, options.Running - completed,
            workers.Count - (BenchmarkWorkflow.Steps.Length * completed), use.MemoryMegabytes, use.PeakMegabytes, bus.Description, store.Description);
    }

    private static async Task AcceptAsync(
        BenchmarkWorkflow workflow, RecoveryBenchmarkOptions options, IMillraceStore store, IMessageBus bus, Action<long>? progress,
        CancellationToken cancellationToken)
    {
        var count = await StatusCount.BeginAsync(store, workflow.Name, "running", cancellationToken);
        var posts = new PipelineBenchmarkOptions { Requests = options.Running, Batch = options.Batch };
        var publishing = new PostPublisher(bus, workflow.Name, Guid.NewGuid().ToString("N"), posts).PublishAsync(Stopwatch.GetTimestamp(), cancellationToken);
        await count.WaitAsync(options.Running, LongestSilence, progress, cancellationToken);
        await publishing;
    }
}
