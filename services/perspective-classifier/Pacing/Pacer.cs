namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>
/// Lets calls leave one by one at the pace of the quota. It has a thread of its own, and a call starts on that thread: on a busy
/// machine the thread pool would start it tens of milliseconds late, and lateness is what makes a server count too many.
/// </summary>
internal sealed class Pacer : IDisposable
{
    // Of the 10 ms that 99 % leave free in a second. More of them kept means fewer refusals on a busy machine; fewer, faster catching up.
    private static readonly TimeSpan Margin = TimeSpan.FromMilliseconds(8);
    private static readonly TimeSpan MaxDebt = TimeSpan.FromSeconds(1);

    // Not a Lock: the pacer's thread waits on it for the next turn or the next change.
    private readonly object _changing = new();
    private readonly Queue<PacedTurn> _waiting = new();
    private readonly TimeProvider _clock;
    private readonly double _use;
    private readonly TimeSpan _longestWait;
    private PacingSchedule _schedule;
    private long _heldUntil;
    private bool _stopping;

    /// <param name="longestWait">While nothing leaves for longer than this, no call waits: each is handed back.</param>
    public Pacer(Quota quota, double use, TimeProvider clock, TimeSpan? longestWait = null)
    {
        _clock = clock;
        _use = use;
        _longestWait = longestWait ?? TimeSpan.MaxValue;
        Quota = quota;
        _schedule = Schedule(quota);
        new Thread(Run) { IsBackground = true, Name = "pacer" }.Start();
    }

    public Quota Quota { get; private set; }

    /// <summary>How long a call that asked now would wait for its turn.</summary>
    public TimeSpan ExpectedWait
    {
        get
        {
            lock (_changing)
            {
                var now = _clock.GetTimestamp();
                return _clock.GetElapsedTime(now, Math.Max(now, NextDue(now))) + TimeSpan.FromSeconds(_waiting.Count / (Quota.PerSecond * _use));
            }
        }
    }

    /// <summary>Waits for a turn. What follows the wait runs on the pacer's thread until it first waits itself: keep it short.</summary>
    /// <exception cref="HeldBackException">Nothing leaves for longer than a call may wait.</exception>
    public async ValueTask<long> WaitAsync(CancellationToken cancellationToken)
    {
        var turn = new PacedTurn();
        lock (_changing)
        {
            ObjectDisposedException.ThrowIf(_stopping, this);
            if (_waiting.Count == 0)
                _schedule.Idle(_clock.GetTimestamp());
            _waiting.Enqueue(turn);
            Monitor.Pulse(_changing);
        }
        await using var cancelling = cancellationToken.Register(turn.Cancel);
        return await turn.Task;
    }

    /// <summary>A call is over: answered, or given up without an answer. To be said of every turn.</summary>
    public void End(long call, bool answered)
    {
        lock (_changing)
        {
            if (answered)
                _schedule.Answered(call, _clock.GetTimestamp());
            else
                _schedule.GivenUp(call, _clock.GetTimestamp());
            Monitor.Pulse(_changing);
        }
    }

    /// <summary>The server refused a call by its quota: nothing leaves for so long, and then more carefully.</summary>
    public void Refused(TimeSpan time)
    {
        Hold(time);
        lock (_changing)
            _schedule.Refused(_clock.GetTimestamp());
    }

    /// <summary>Nothing leaves for so long. A pause that is longer than what a stall may leave to catch up leaves nothing.</summary>
    public void Hold(TimeSpan time)
    {
        lock (_changing)
        {
            _heldUntil = Math.Max(_heldUntil, _clock.GetTimestamp() + Units(time));
            if (Units(time) > LongestDebt(Quota))
                _schedule.Idle(_heldUntil);
            Monitor.Pulse(_changing);
        }
    }

    /// <summary>Goes on by another quota, from now; the caller holds the pacer until the server's window is over.</summary>
    public void Change(Quota quota)
    {
        lock (_changing)
        {
            if (quota == Quota)
                return;
            Quota = quota;
            _schedule = Schedule(quota);
        }
    }

    public void Dispose()
    {
        lock (_changing)
        {
            _stopping = true;
            Monitor.Pulse(_changing);
        }
    }

    private void Run()
    {
        while (Next() is { } next)
        {
            if (next.Held is { } held)
                next.Turn.HandBack(held);
            else
                next.Turn.Start();
        }
        lock (_changing)
        {
            while (_waiting.TryDequeue(out var turn))
                turn.Cancel();
        }
    }

    /// <summary>Waits for the next turn that is due, or that nothing is due to for too long; null when the pacer stops.</summary>
    private (PacedTurn Turn, TimeSpan? Held)? Next()
    {
        lock (_changing)
        {
            while (!_stopping)
            {
                while (_waiting.TryPeek(out var first) && first.IsCancelled)
                    _waiting.Dequeue();
                var now = _clock.GetTimestamp();
                var due = _waiting.Count == 0 ? long.MaxValue : NextDue(now);
                if (_waiting.Count > 0 && _clock.GetElapsedTime(now, due) is var held && held > _longestWait)
                {
                    if (_waiting.Dequeue() is var early && early.TryTake())
                        return (early, held);
                }
                else if (due > now)
                    Monitor.Wait(_changing, due == long.MaxValue ? Timeout.Infinite : Milliseconds(now, due));
                else if (_waiting.Dequeue() is var turn && turn.TryTake(_schedule, now))
                    return (turn, null);
            }
            return null;
        }
    }

    private long NextDue(long now) => Math.Max(_schedule.Earliest(now), _heldUntil);

    private int Milliseconds(long now, long due) =>
        (int)Math.Min(60_000, Math.Ceiling(_clock.GetElapsedTime(now, due).TotalMilliseconds));

    private PacingSchedule Schedule(Quota quota) =>
        new(quota.Permits, Units(quota.Window), _use, Units(Margin), LongestDebt(quota), _clock.GetTimestamp());

    private long LongestDebt(Quota quota) => Math.Min(Units(quota.Window) / 4, Units(MaxDebt));

    private long Units(TimeSpan time) => (long)(time.TotalSeconds * _clock.TimestampFrequency);
}
