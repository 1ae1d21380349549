namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Remembers the next moments at which requests become due, so that the look at the store comes in time. What it does not know
/// (the far future, another manager's, those before a restart) a regular look finds, at most one interval late.
/// </summary>
internal sealed class DueClock(StoreClock clock, WorkflowManagerOptions options)
{
    private const int MaxRemembered = 50_000;

    private readonly Lock _lock = new();
    private readonly SortedSet<DateTimeOffset> _moments = [];
    private readonly TimeSpan _interval = TimeSpan.FromMilliseconds(options.DuePollMs);
    private TaskCompletionSource _earlier = NewSignal();

    public void Add(DateTimeOffset due)
    {
        lock (_lock)
        {
            if (!_moments.Add(due))
                return;
            if (_moments.Count > MaxRemembered)
                _moments.Remove(_moments.Max);
            if (_moments.Min == due)
                _earlier.TrySetResult();
        }
    }

    /// <summary>Returns when something is due, at the latest after one interval.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        // The interval is a time that passes, whatever is done to the clock meanwhile.
        var started = clock.GetTimestamp();
        while (true)
        {
            var (next, earlier) = Take();
            var (untilDue, left) = (next - clock.GetUtcNow(), _interval - clock.GetElapsedTime(started));
            var wait = untilDue < left ? untilDue : left;
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
            var next = _moments.Count > 0 ? _moments.Min : DateTimeOffset.MaxValue;
            while (_moments.Count > 0 && _moments.Min <= now)
                _moments.Remove(_moments.Min);
            _earlier = NewSignal();
            return (next, _earlier.Task);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
