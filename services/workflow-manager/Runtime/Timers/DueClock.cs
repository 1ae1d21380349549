namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Remembers the moments, within the next look at the store, at which a request becomes due, so that the look comes in time.
/// Later ones need not be remembered: a regular look finds them.
/// </summary>
internal sealed class DueClock(TimeProvider clock, TimeSpan horizon)
{
    private const int MaxRemembered = 20_000;

    private readonly Lock _lock = new();
    private readonly PriorityQueue<DateTimeOffset, DateTimeOffset> _moments = new();
    private TaskCompletionSource _earlier = NewSignal();

    public void Add(DateTimeOffset due)
    {
        lock (_lock)
        {
            if (due > clock.GetUtcNow() + horizon || _moments.Count >= MaxRemembered)
                return;
            var isFirst = !_moments.TryPeek(out var first, out _) || due < first;
            _moments.Enqueue(due, due);
            if (isFirst)
                _earlier.TrySetResult();
        }
    }

    /// <summary>Returns when something is due, at the latest after the horizon.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var limit = clock.GetUtcNow() + horizon;
        while (true)
        {
            var (next, earlier) = Take();
            var until = next < limit ? next : limit;
            var wait = until - clock.GetUtcNow();
            if (wait <= TimeSpan.Zero)
                return;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(Task.Delay(wait, clock, stop.Token), earlier);
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private (DateTimeOffset Next, Task Earlier) Take()
    {
        lock (_lock)
        {
            var now = clock.GetUtcNow();
            var next = _moments.TryPeek(out var first, out _) ? first : DateTimeOffset.MaxValue;
            while (_moments.TryPeek(out var passed, out _) && passed <= now)
                _moments.Dequeue();
            _earlier = NewSignal();
            return (next, _earlier.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
