using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Queues that did not take a message lately, and what the broker said.</summary>
internal sealed class StepHolds(TimeProvider clock)
{
    private const int MaxQueues = 10_000;
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, string Reason)> _refused = new();

    public void Record(OutgoingMessage message, string reason)
    {
        if (_refused.Count < MaxQueues || _refused.ContainsKey(message.RoutingKey))
            _refused[message.RoutingKey] = (clock.GetUtcNow(), reason);
    }

    /// <summary>Why the queue took no message; null if it does.</summary>
    public string? Find(string queue) =>
        _refused.TryGetValue(queue, out var refused) && clock.GetUtcNow() - refused.At < Memory ? refused.Reason : null;
}
