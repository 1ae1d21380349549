namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>One call in the pacer's queue; either it is taken or it is cancelled.</summary>
internal sealed class PacedTurn
{
    private const int Taken = 1;
    private const int Cancelled = 2;

    // Continuations run where the turn is started: on the pacer's own thread.
    private readonly TaskCompletionSource<long> _started = new();
    private int _state;
    private long _number;

    public Task<long> Task => _started.Task;

    public bool IsCancelled => Volatile.Read(ref _state) == Cancelled;

    public bool TryTake(PacingSchedule schedule, long now)
    {
        if (!TryTake())
            return false;
        _number = schedule.Take(now);
        return true;
    }

    /// <summary>Taken out of the queue without leaving; to be handed back.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _state, Taken, 0) == 0;

    public void Start() => _started.TrySetResult(_number);

    public void HandBack(TimeSpan held) => _started.TrySetException(new HeldBackException(held));

    public void Cancel()
    {
        if (Interlocked.CompareExchange(ref _state, Cancelled, 0) == 0)
            _started.TrySetCanceled();
    }
}
