using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Workers of all steps, which give back what they get.</summary>
internal sealed class BenchmarkWorkers : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly NoOpHandler _handler;

    private BenchmarkWorkers(IHost host, NoOpHandler handler) => (_host, _handler) = (host, handler);

    /// <summary>Items worked on so far.</summary>
    public long Count => _handler.Count;

    public static async Task<BenchmarkWorkers> StartAsync(IMessageBus bus, CancellationToken cancellationToken)
    {
        var handler = new NoOpHandler();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(bus);
        builder.Services.AddSingleton(handler);
        foreach (var step in BenchmarkWorkflow.Steps)
        {
            builder.Services.AddStepHandler<NoOpHandler, JsonElement, JsonElement>(
                BenchmarkWorkflow.QueueOf(step), worker => (worker.MaxBatchItems, worker.MaxConcurrentCalls, worker.Prefetch) = (1_000, 1, 500));
        }
        var workers = new BenchmarkWorkers(builder.Build(), handler);
        await workers._host.StartAsync(cancellationToken);
        return workers;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
