namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>
/// When the next call may leave: a virtual schedule with absolute deadlines (GCRA, ITU-T I.371) a little under the quota's rate,
/// and behind it a guard that no window holds more calls than the quota, going by when each call really left.
/// Pure: time is given, in any unit that only grows.
/// </summary>
/// <remarks>
/// The schedule alone is not enough on a busy machine: a call that leaves 20 ms late and is followed by 50 calls on time makes
/// 51 in a window of one second. The guard costs nothing while calls leave on time, and since a held call does not move
/// the deadlines of the next ones, what it held is caught up. What an answer was slower than the fastest may be time that the call
/// was on its way; it is taken for that at the start, where the server is even enough for it to cost no rate, for a while after
/// a refusal, and of the calls that were on their way during a stall. What it was slower than nearly all is always taken for that.
/// </remarks>
internal sealed class PacingSchedule
{
    private const int CautiousWindows = 20;

    private readonly long _interval;
    private readonly long _window;
    private readonly long _maxDebt;
    private readonly long _margin;
    private readonly Call[] _calls;
    private readonly long _cautiousTime;
    private readonly long _slack;
    private readonly TypicalLatency _latency = new();
    private long _sequence;
    private long _next;
    private long _lastDue;
    private long _cautiousUntil;
    private long _stalledUntil;

    /// <param name="permits">Calls in one window.</param>
    /// <param name="window">In units of time.</param>
    /// <param name="use">Part of the rate that is used, up to 1.</param>
    /// <param name="margin">Units of time between the end of a window and the next call.</param>
    /// <param name="maxDebt">A stall of the machine is caught up, but never by more than this much of the schedule.</param>
    /// <param name="start">Now.</param>
    public PacingSchedule(int permits, long window, double use, long margin, long maxDebt, long start)
    {
        _interval = (long)Math.Ceiling(window / (permits * use));
        _window = window;
        _margin = margin;
        _maxDebt = maxDebt;
        _cautiousTime = CautiousWindows * window;
        _slack = (long)(window * ((1 / use) - 1));
        _cautiousUntil = start;
        _stalledUntil = start;
        _calls = new Call[permits];
        _next = start;
        _lastDue = start;
    }

    /// <summary>Time that passed while nobody waited gives no credit.</summary>
    public void Idle(long now) => _next = Math.Max(_next, now);

    /// <summary>The earliest time at which the next call may leave; an answer can make it earlier.</summary>
    public long Earliest(long now)
    {
        _next = Math.Max(_next, now - _maxDebt);
        return _sequence < _calls.Length ? _next : Math.Max(_next, CountedAt(_calls[_sequence % _calls.Length], now) + _window + _margin);
    }

    /// <summary>A call leaves.</summary>
    /// <returns>Its number, for <see cref="Answered"/>.</returns>
    public long Take(long now)
    {
        // Whatever made this call late has likely made late what was on its way. Less than this no window would show.
        // One that could have left but for the call before it is not late.
        _lastDue = Math.Max(_lastDue, Earliest(now));
        if (now - _lastDue > _slack / 2)
            _stalledUntil = now;
        _calls[_sequence % _calls.Length] = new Call(now, now, false);
        _next += _interval;
        return _sequence++;
    }

    /// <summary>The answer to a call has come.</summary>
    public void Answered(long call, long now)
    {
        if (End(call, now) is { } sentAt)
            _latency.Add(now - sentAt);
    }

    /// <summary>The server counted more than it should have: calls arrive less evenly than it looked.</summary>
    public void Refused(long now) => _cautiousUntil = now + _cautiousTime;

    /// <summary>No answer will come; the call may have been counted until now.</summary>
    public void GivenUp(long call, long now) => End(call, now);

    private long? End(long call, long now)
    {
        if (call < 0 || call >= _sequence || _sequence - call > _calls.Length)
            return null;
        ref var found = ref _calls[call % _calls.Length];
        // Kept with the call: when care ends, what was learned with it still holds for its window.
        found = found with { CountedAt = CountedAt(found, now), IsOver = true };
        return found.SentAt;
    }

    /// <summary>When the server counted the call, at the latest that is likely.</summary>
    private long CountedAt(Call call, long now) => call.IsOver
        ? call.CountedAt
        : Math.Max(call.CountedAt, now - (IsCareful(call, now) ? _latency.Fastest : _latency.Slowest));

    private bool IsCareful(Call call, long now) =>
        now < _cautiousUntil || call.SentAt < _stalledUntil || _latency.Spread is not { } spread || spread <= _slack / 2;

    private readonly record struct Call(long SentAt, long CountedAt, bool IsOver);
}
