using Millrace.Contracts;

namespace Millrace.Messaging.Workers;

/// <summary>
/// What was cancelled, as far as it was heard: bounded by number and by age. Two generations, the older of which is dropped when the
/// younger is full or old, so that forgetting costs nothing.
/// </summary>
internal sealed class CancelledSet(int capacity, TimeSpan lifetime, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly List<Watch> _watches = [];
    private Dictionary<string, int> _older = [];
    private Dictionary<string, int> _younger = [];
    private long _startedAt = time.GetTimestamp();

    /// <summary>Messages without a number of their attempt are those of every attempt.</summary>
    public bool Contains(string? correlationId, int? attempt)
    {
        lock (_gate)
            return Holds(correlationId, attempt);
    }

    public void Add(IEnumerable<CancelledDispatch> dispatches)
    {
        lock (_gate)
        {
            foreach (var dispatch in dispatches)
            {
                TurnOver();
                _younger[dispatch.CorrelationId] = Math.Max(dispatch.Attempt, _younger.GetValueOrDefault(dispatch.CorrelationId));
            }
            Tell();
        }
    }

    /// <summary>Calls once all of the items are cancelled, until disposed. The call must not wait for anything.</summary>
    public IDisposable WatchAll(IReadOnlyList<StepItem> items, Action allCancelled)
    {
        var watch = new Watch(this, items, allCancelled);
        lock (_gate)
        {
            _watches.Add(watch);
            Tell();
        }
        return watch;
    }

    private void Tell()
    {
        foreach (var watch in _watches.Where(watch => watch.Items.All(item => Holds(item.CorrelationId, item.Attempt))).ToList())
        {
            _watches.Remove(watch);
            watch.AllCancelled();
        }
    }

    private bool Holds(string? correlationId, int? attempt) =>
        correlationId is not null
        && (attempt ?? 0) <= Math.Max(_younger.GetValueOrDefault(correlationId, -1), _older.GetValueOrDefault(correlationId, -1));

    private void TurnOver()
    {
        if (_younger.Count < (capacity + 1) / 2 && time.GetElapsedTime(_startedAt) < lifetime)
            return;
        (_older, _younger) = (_younger, []);
        _startedAt = time.GetTimestamp();
    }

    private sealed record Watch(CancelledSet Set, IReadOnlyList<StepItem> Items, Action AllCancelled) : IDisposable
    {
        public void Dispose()
        {
            lock (Set._gate)
                Set._watches.Remove(this);
        }
    }
}
