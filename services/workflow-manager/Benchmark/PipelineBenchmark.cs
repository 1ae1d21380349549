using System.Collections.Immutable;
using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>
/// Requests through three steps of workers that do nothing: manager, workers and publisher in this process, each with a
/// connection of its own to the broker.
/// </summary>
public static class PipelineBenchmark
{
    private static readonly ImmutableArray<string> Steps = ["first", "second", "third"];
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

    /// <param name="progress">Told how many requests have completed.</param>
    public static async Task<PipelineBenchmarkResult> RunAsync(
        PipelineBenchmarkOptions options, Action<long>? progress, CancellationToken cancellationToken)
    {
        var raw = options.RawMessages > 0 && options.BrokerUrl != "memory:"
            ? await RawBrokerRate.MeasureAsync(options.BrokerUrl, options.RawMessages, cancellationToken) : (double?)null;
        await using var store = await StoreFactory.OpenAsync(options.StoreUrl, cancellationToken: cancellationToken);
        await using var publisher = BusFactory.Create(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench-publisher" });
        var isMemory = options.BrokerUrl == "memory:";
        var bus = isMemory ? publisher : BusFactory.Create(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench-workers" });
        await publisher.StartAsync(cancellationToken);
        if (!isMemory)
            await bus.StartAsync(cancellationToken);
        var handled = new NoOpHandler();
        using var manager = CreateManager(options, store, isMemory ? publisher : null);
        using var workers = CreateWorkers(bus, handled);
        using var meter = new CommitMeter();
        await manager.StartAsync(cancellationToken);
        await workers.StartAsync(cancellationToken);
        try
        {
            return await MeasureAsync(options, publisher, bus, store, handled, meter, raw, progress, cancellationToken);
        }
        finally
        {
            await workers.StopAsync(CancellationToken.None);
            await manager.StopAsync(CancellationToken.None);
            await bus.DisposeAsync();
        }
    }

    private static async Task<PipelineBenchmarkResult> MeasureAsync(
        PipelineBenchmarkOptions options, IMessageBus publisher, IMessageBus bus, IMillraceStore store, NoOpHandler handled,
        CommitMeter meter, double? raw, Action<long>? progress, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString("N");
        var before = await CountAsync(store, cancellationToken);
        using var process = Process.GetCurrentProcess();
        var (cpu, allocated) = (process.TotalProcessorTime, GC.GetTotalAllocatedBytes());
        var started = Stopwatch.GetTimestamp();
        await using var latencies = options.RatePerSecond > 0
            ? await LatencyRecorder.StartAsync(bus, WorkflowName(options), run, options, started, cancellationToken) : null;
        var posts = new PostPublisher(publisher, WorkflowName(options), run, options);
        var publishing = posts.PublishAsync(started, cancellationToken);
        var completed = await WaitAsync(store, before, options.Requests, progress, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await publishing;
        if (latencies is not null)
            await latencies.WaitAsync(LongestSilence, cancellationToken);
        process.Refresh();
        return new PipelineBenchmarkResult(
            options.Requests, options.Batch, posts.PostsPerMessage, seconds, options.Requests / seconds, raw,
            latencies?.At(0.5), latencies?.At(0.99), latencies?.At(1), options.Requests - completed,
            handled.Count - (Steps.Length * completed), meter.Commits, meter.Seconds,
            (process.TotalProcessorTime - cpu).TotalSeconds, (GC.GetTotalAllocatedBytes() - allocated) / 1e6, Environment.ProcessorCount,
            publisher.Description, store.Description);
    }

    /// <summary>Until all have completed, or nothing has moved for long.</summary>
    private static async Task<long> WaitAsync(
        IMillraceStore store, long before, int requests, Action<long>? progress, CancellationToken cancellationToken)
    {
        var (completed, moved) = (0L, Stopwatch.GetTimestamp());
        while (completed < requests && Stopwatch.GetElapsedTime(moved) < LongestSilence)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
            var now = await CountAsync(store, cancellationToken) - before;
            if (now == completed)
                continue;
            (completed, moved) = (now, Stopwatch.GetTimestamp());
            progress?.Invoke(completed);
        }
        return completed;
    }

    private static async Task<long> CountAsync(IMillraceStore store, CancellationToken cancellationToken) =>
        (await store.Requests.CountAsync(cancellationToken))
            .Where(count => count is { Step: "", Status: "completed" } && count.Workflow.StartsWith("bench-", StringComparison.Ordinal))
            .Sum(count => count.Count);

    private static IHost CreateManager(PipelineBenchmarkOptions options, IMillraceStore store, IMessageBus? shared)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (shared is null)
            builder.Services.AddMessageBus(options.BrokerUrl, new BusOptions { ConnectionName = "millrace-bench-manager" });
        else
            builder.Services.AddSingleton(shared);
        builder.Services.AddSingleton(store);
        builder.Services.AddWorkflowManager(new WorkflowManagerOptions { Workflows = [Workflow(options)], ResendAtStart = false });
        return builder.Build();
    }

    private static IHost CreateWorkers(IMessageBus bus, NoOpHandler handler)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(bus);
        builder.Services.AddSingleton(handler);
        foreach (var step in Steps)
        {
            builder.Services.AddStepHandler<NoOpHandler, JsonElement, JsonElement>(
                "bench-" + step, worker => (worker.MaxBatchItems, worker.MaxConcurrentCalls, worker.Prefetch) = (1_000, 1, 500));
        }
        return builder.Build();
    }

    private static string WorkflowName(PipelineBenchmarkOptions options) => options.Batch == 0 ? "bench-single" : $"bench-batch-{options.Batch}";

    private static WorkflowDefinition Workflow(PipelineBenchmarkOptions options) => new()
    {
        Name = WorkflowName(options),
        Hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(WorkflowName(options)))),
        Key = "uri",
        Steps = [.. Steps.Select((step, index) => new StepDefinition
        {
            Name = step, Queue = "bench-" + step, Batch = options.Batch, Depends = index == 0 ? [] : [Steps[index - 1]],
        })],
    };
}
