using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Queues that did not take a message lately, and what the broker said.</summary>
internal sealed class StepHolds(TimeProvider clock)
{
    private const int MaxQueues = 10_000;

    /// <summary>Longer than the pause before a message is tried again.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(90);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, string Reason)> _refused = new();

    public void Record(OutgoingMessage message, string reason)
    {
        if (_refused.Count < MaxQueues || _refused.ContainsKey(message.RoutingKey))
            _refused[message.RoutingKey] = (clock.GetUtcNow(), reason);
    }

    /// <summary>The queues have taken a message again.</summary>
    public void Forget(IEnumerable<string> queues)
    {
        if (_refused.IsEmpty)
            return;
        foreach (var queue in queues)
            _refused.TryRemove(queue, out _);
    }

    /// <summary>Why the queue took no message; null if it does.</summary>
    public string? Find(string queue) =>
        _refused.TryGetValue(queue, out var refused) && clock.GetUtcNow() - refused.At < Memory ? refused.Reason : null;
}
