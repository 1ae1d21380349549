using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>A handler in the worker's shell, as our services have it. It may be held up before it does anything.</summary>
internal sealed class HostedWorker : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly Handler _handler;

    private HostedWorker(IHost host, Handler handler) => (_host, _handler) = (host, handler);

    /// <summary>Keys of the posts that the handler was called with.</summary>
    public IReadOnlyCollection<string> Worked => _handler.Worked;

    /// <summary>Ends once the handler has been called.</summary>
    public Task Called => _handler.Called.Task;

    public static async Task<HostedWorker> StartAsync(IMessageBus bus, string queue, Task? hold = null)
    {
        var handler = new Handler(hold ?? Task.CompletedTask);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(bus);
        builder.Services.AddStepHandler<JsonObject, JsonObject>(queue, _ => handler, options =>
        {
            options.MaxBatchItems = 4;
            options.Prefetch = 100;
        });
        var host = builder.Build();
        await host.StartAsync();
        return new HostedWorker(host, handler);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    private sealed class Handler(Task hold) : IStepHandler<JsonObject, JsonObject>
    {
        public ConcurrentQueue<string> Worked { get; } = [];

        public TaskCompletionSource Called { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<IReadOnlyList<StepResult<JsonObject>>> HandleAsync(IReadOnlyList<JsonObject> inputs, CancellationToken cancellationToken)
        {
            Called.TrySetResult();
            await hold.WaitAsync(cancellationToken);
            foreach (var input in inputs)
                Worked.Enqueue(input["item"]?.ToString() ?? input["uri"]!.ToString());
            return [.. inputs.Select(input => (StepResult<JsonObject>)input)];
        }
    }
}
