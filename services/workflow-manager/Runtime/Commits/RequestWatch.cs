namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Wakes those who wait for a request to change. Costs nothing while nobody waits.</summary>
internal sealed class RequestWatch
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<TaskCompletionSource>> _waiting = [];
    private int _count;

    public void Changed(Guid id)
    {
        if (Volatile.Read(ref _count) == 0)
            return;
        List<TaskCompletionSource>? signals;
        lock (_lock)
            _waiting.Remove(id, out signals);
        foreach (var signal in signals ?? [])
            signal.TrySetResult();
    }

    /// <summary>
    /// From this call on the change is noticed: subscribe, look at the store, then wait. Disposing ends the subscription.
    /// </summary>
    public Subscription Subscribe(Guid id)
    {
        var signal = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            if (!_waiting.TryGetValue(id, out var signals))
                _waiting[id] = signals = [];
            signals.Add(signal);
            _count++;
        }
        return new Subscription(this, id, signal);
    }

    private void Leave(Guid id, TaskCompletionSource signal)
    {
        lock (_lock)
        {
            _count--;
            if (_waiting.TryGetValue(id, out var signals) && signals.Remove(signal) && signals.Count == 0)
                _waiting.Remove(id);
        }
    }

    internal sealed class Subscription(RequestWatch watch, Guid id, TaskCompletionSource signal) : IDisposable
    {
        public Task Change => signal.Task;

        public void Dispose() => watch.Leave(id, signal);
    }
}
