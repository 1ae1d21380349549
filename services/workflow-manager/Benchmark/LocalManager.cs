using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Benchmark;

/// <summary>The manager in the benchmark's own process, with a connection to the broker of its own.</summary>
internal sealed class LocalManager : IAsyncDisposable
{
    private readonly IHost _host;

    private LocalManager(IHost host) => _host = host;

    /// <param name="shared">The bus in memory, which lives in one process; null gives the manager its own.</param>
    public static async Task<LocalManager> StartAsync(
        BenchmarkWorkflow workflow, string brokerUrl, IMillraceStore store, IMessageBus? shared, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (shared is null)
            builder.Services.AddMessageBus(brokerUrl, new BusOptions { ConnectionName = "millrace-bench-manager" });
        else
            builder.Services.AddSingleton(shared);
        builder.Services.AddSingleton(store);
        builder.Services.AddWorkflowManager(new WorkflowManagerOptions { Workflows = [workflow.Definition], ResendAtStart = false });
        var manager = new LocalManager(builder.Build());
        await manager._host.StartAsync(cancellationToken);
        return manager;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
