using System.Diagnostics;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>
/// Requests through three steps of workers that do nothing. Workers and publisher run in this process, and so does the manager unless
/// managers are to be processes of their own; each has its own connection to the broker.
/// </summary>
public sealed class PipelineBenchmark : IAsyncDisposable
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    private readonly PipelineBenchmarkOptions _options;
    private readonly BenchmarkWorkflow _workflow;
    private readonly IMillraceStore _store;
    private readonly IMessageBus _publisher;
    private readonly IMessageBus _bus;
    private readonly CommitMeter _commits = new();
    private readonly Stack<IAsyncDisposable> _started = new();
    private readonly List<IManagerProcess> _managers = [];

    private PipelineBenchmark(PipelineBenchmarkOptions options, IMillraceStore store)
    {
        (_options, _store, _workflow) = (options, store, new BenchmarkWorkflow(options.Batch));
        _publisher = BusFactory.Create(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench-publisher" });
        _bus = IsInMemory ? _publisher : BusFactory.Create(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench-workers" });
    }

    private bool IsInMemory => _options.BrokerUrl == "memory:";

    /// <param name="launcher">Needed where managers are processes of their own.</param>
    /// <param name="progress">Told how many requests have completed.</param>
    public static async Task<PipelineBenchmarkResult> RunAsync(
        PipelineBenchmarkOptions options, IManagerLauncher? launcher, Action<long>? progress, CancellationToken cancellationToken)
    {
        var rawMessages = options.RawMessages > 0 && options.BrokerUrl != "memory:"
            ? await RawBrokerRate.MeasureAsync(options.BrokerUrl, options.RawMessages, cancellationToken) : (double?)null;
        var store = await StoreFactory.OpenAsync(options.StoreUrl, cancellationToken: cancellationToken);
        var rawSync = RawDiskSync.Measure(options.StoreUrl);
        await using var benchmark = new PipelineBenchmark(options, store);
        var stored = await new StoreFill(store, TimeProvider.System).FillAsync(options.Stored, progress, cancellationToken);
        await using var workers = await benchmark.StartAsync(launcher, cancellationToken);
        var result = await benchmark.MeasureAsync(workers, progress, cancellationToken);
        var pages = benchmark._managers.Count > 0
            ? await new FirstPageProbe(benchmark._managers[0].Url).MeasureAsync(TimeProvider.System, cancellationToken) : [];
        return result with { RawMessagesPerSecond = rawMessages, RawSync = rawSync, Stored = stored, FirstPages = pages };
    }

    public async ValueTask DisposeAsync()
    {
        while (_started.TryPop(out var last))
            await last.DisposeAsync();
        await _bus.DisposeAsync();
        await _publisher.DisposeAsync();
        await _store.DisposeAsync();
        _commits.Dispose();
    }

    private async Task<BenchmarkWorkers> StartAsync(IManagerLauncher? launcher, CancellationToken cancellationToken)
    {
        await _publisher.StartAsync(cancellationToken);
        if (!IsInMemory)
            await _bus.StartAsync(cancellationToken);
        if (_options.Managers == 0)
            _started.Push(await LocalManager.StartAsync(_workflow, _options.BrokerUrl, _store, IsInMemory ? _publisher : null, cancellationToken));
        else
            await LaunchAsync(launcher ?? throw new ConfigurationException("Nobody can start managers here."), cancellationToken);
        return await BenchmarkWorkers.StartAsync(_bus, cancellationToken);
    }

    private async Task LaunchAsync(IManagerLauncher launcher, CancellationToken cancellationToken)
    {
        var folder = new WorkflowFolder();
        _started.Push(folder);
        await _workflow.WriteAsync(folder.Path, cancellationToken);
        for (var number = 1; number <= _options.Managers; number++)
        {
            var launch = new ManagerLaunch($"manager-{number}", _options.BrokerUrl, _options.StoreUrl, folder.Path);
            _managers.Add(await launcher.StartAsync(launch, cancellationToken));
            _started.Push(_managers[^1]);
        }
    }

    private async Task<PipelineBenchmarkResult> MeasureAsync(BenchmarkWorkers workers, Action<long>? progress, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString("N");
        var count = await StatusCount.BeginAsync(_store, _workflow.Name, "completed", cancellationToken);
        var (allocated, paused) = (GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration());
        var processes = Meters();
        var started = Stopwatch.GetTimestamp();
        await using var latencies = _options.RatePerSecond > 0
            ? await LatencyRecorder.StartAsync(_bus, _workflow.Name, run, _options, started, cancellationToken) : null;
        using var wake = _options.RatePerSecond > 0 ? new WakeProbe() : null;
        var posts = new PostPublisher(_publisher, _workflow.Name, run, _options);
        var publishing = posts.PublishAsync(started, cancellationToken);
        var completed = await count.WaitAsync(_options.Requests, LongestSilence, progress, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await publishing;
        if (latencies is not null)
            await latencies.WaitAsync(LongestSilence, cancellationToken);
        var (commit, commitSeconds) = _commits.Take();
        return new PipelineBenchmarkResult(
            _options.Requests, _options.Batch, posts.PostsPerMessage, 0, seconds, completed / seconds, null, null, wake?.Stop(),
            latencies?.SpreadFrom(0), latencies?.SpreadFrom(_options.WarmUpSeconds),
            _options.Requests - completed, workers.Count - (BenchmarkWorkflow.Steps.Length * completed),
            commit, commitSeconds, [.. processes.Select(process => process.Measure())],
            (GC.GetTotalAllocatedBytes() - allocated) / 1e6, (GC.GetTotalPauseDuration() - paused).TotalSeconds, [],
            Environment.ProcessorCount, _publisher.Description, _store.Description);
    }

    private List<ProcessMeter> Meters() =>
    [
        new ProcessMeter(_managers.Count == 0 ? "manager, workers and publisher" : "workers and publisher", Environment.ProcessId),
        .. _managers.Select((manager, index) => new ProcessMeter($"manager {index + 1}", manager.ProcessId)),
        .. _options.Watched.Select(watched => new ProcessMeter(watched.Key, watched.Value, withChildren: true)),
    ];
}
