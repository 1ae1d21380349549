using System.Collections.Concurrent;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>Queues that did not take a message lately, and what the broker said.</summary>
internal sealed class StepHolds(TimeProvider clock)
{
    private const int MaxQueues = 10_000;

    /// <summary>Longer than the pause before a message is tried again and the time of a send.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(120);

    private readonly ConcurrentDictionary<string, (DateTimeOffset At, SendOutcome Outcome)> _refused = new();

    public void Record(UnsentMessage unsent)
    {
        var queue = unsent.Message.RoutingKey;
        if (_refused.Count < MaxQueues || _refused.ContainsKey(queue))
            _refused[queue] = (clock.GetUtcNow(), unsent.Outcome);
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
    public SendOutcome? Find(string queue) =>
        _refused.TryGetValue(queue, out var refused) && clock.GetUtcNow() - refused.At < Memory ? refused.Outcome : null;
}
