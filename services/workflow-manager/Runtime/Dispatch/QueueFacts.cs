using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>How full queues are and who listens, asked for at most once in two seconds a queue.</summary>
internal sealed class QueueFacts(IMessageBus bus, TimeProvider clock)
{
    private static readonly TimeSpan Freshness = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, Task<QueueDepth?> Depth)> _known = new();

    public async Task<QueueDepth?> FindAsync(string queue, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (_, depth) = _known.AddOrUpdate(
            queue,
            _ => (now, bus.InspectAsync(queue, cancellationToken)),
            (_, known) => now - known.At < Freshness && !known.Depth.IsFaulted && !known.Depth.IsCanceled
                ? known : (now, bus.InspectAsync(queue, cancellationToken)));
        return await depth.WaitAsync(cancellationToken);
    }
}
