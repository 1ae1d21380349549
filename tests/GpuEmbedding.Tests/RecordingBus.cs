using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.GpuEmbedding.Tests;

/// <summary>A bus that remembers how its consumers were attached.</summary>
internal sealed class RecordingBus(IMessageBus bus) : IMessageBus
{
    private readonly ConcurrentDictionary<string, int> _prefetch = [];

    public string Description => bus.Description;

    public bool IsHealthy => bus.IsHealthy;

    public int MaxBodyBytes => bus.MaxBodyBytes;

    public int PrefetchOf(string queue) => _prefetch[queue];

    public Task StartAsync(CancellationToken cancellationToken) => bus.StartAsync(cancellationToken);

    public Task<IReadOnlyList<SendOutcome>> SendAsync(IReadOnlyList<OutgoingMessage> messages, CancellationToken cancellationToken) =>
        bus.SendAsync(messages, cancellationToken);

    public Task<SendOutcome> ForwardAsync(
        IncomingMessage message, string exchange, string routingKey, IReadOnlyDictionary<string, string?> headers, CancellationToken cancellationToken) =>
        bus.ForwardAsync(message, exchange, routingKey, headers, cancellationToken);

    public Task LookAsync(string queue, Func<IncomingMessage, Task<LookStep>> see, CancellationToken cancellationToken) =>
        bus.LookAsync(queue, see, cancellationToken);

    public Task DeclareQueueAsync(string queue, CancellationToken cancellationToken) => bus.DeclareQueueAsync(queue, cancellationToken);

    public Task<IAsyncDisposable> ConsumeAsync(
        ConsumerOptions options, Func<IncomingMessage, CancellationToken, Task> handle, CancellationToken cancellationToken)
    {
        _prefetch[options.Queue] = options.Prefetch;
        return bus.ConsumeAsync(options, handle, cancellationToken);
    }

    public Task<QueueDepth?> InspectAsync(string queue, CancellationToken cancellationToken) => bus.InspectAsync(queue, cancellationToken);

    public ValueTask DisposeAsync() => bus.DisposeAsync();
}
