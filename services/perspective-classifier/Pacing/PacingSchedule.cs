namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>
/// When the next call may leave: a virtual schedule with absolute deadlines (GCRA, ITU-T I.371) a little under the quota's rate,
/// and behind it a guard that no window holds more calls than the quota, going by when each call really left.
/// Pure: time is given, in any unit that only grows.
/// </summary>
/// <remarks>
/// The schedule alone is not enough on a busy machine: a call that leaves 20 ms late and is followed by 50 calls on time makes
/// 51 in a window of one second. The guard costs nothing while calls leave on time, and since a held call does not move
/// the deadlines of the next ones, what it held is caught up. It hands on permits, as many as the quota has: a call leaves with the
/// permit that is free first, and that is free a window after the call before it was counted at the latest. So a call whose
/// answer does not come keeps its permit and no other, for three windows at most; if it comes after that, the call takes a permit
/// again until a window after it was counted. What an answer was slower than the fastest may be time that the call
/// was on its way; it is taken for that at the start, where the server is even enough for it to cost no rate, for a while after
/// a refusal, and of the calls that were on their way during a stall. What it was slower than nearly all is always taken for that.
/// </remarks>
internal sealed class PacingSchedule
{
    private const int CautiousWindows = 20;

    // A call without an answer for longer is taken for hung at a server that has counted it. If it is still on its way all the same,
    // the window in which it arrives may hold it beside as many calls as the quota has, and one of them is refused.
    private const int LongestWayInWindows = 2;

    private readonly int _permits;
    private readonly long _interval;
    private readonly long _window;
    private readonly long _maxDebt;
    private readonly long _margin;
    private readonly Dictionary<long, Call> _calls = [];
    private readonly PriorityQueue<long, long> _free = new();
    private readonly Dictionary<long, long> _lateSentAt = [];
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
        _permits = permits;
        _interval = (long)Math.Ceiling(window / (permits * use));
        _window = window;
        _margin = margin;
        _maxDebt = maxDebt;
        _cautiousTime = CautiousWindows * window;
        _slack = (long)(window * ((1 / use) - 1));
        _cautiousUntil = start;
        _stalledUntil = start;
        _next = start;
        _lastDue = start;
    }

    /// <summary>Time that passed while nobody waited gives no credit.</summary>
    public void Idle(long now) => _next = Math.Max(_next, now);

    /// <summary>The earliest time at which the next call may leave, to be asked again then; an answer can make it earlier, or a late one later.</summary>
    public long Earliest(long now)
    {
        _next = Math.Max(_next, now - _maxDebt);
        // With late answers more permits may be taken than there are.
        while (_calls.Count > _permits && FirstFree(now) <= now)
            HandOn();
        return _calls.Count < _permits ? _next : Math.Max(_next, FirstFree(now));
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
        if (_calls.Count >= _permits)
            HandOn();
        Keep(_sequence, new Call(now, now, false, now + _window + _margin));
        _next += _interval;
        return _sequence++;
    }

    /// <summary>The answer to a call has come.</summary>
    public void Answered(long call, long now)
    {
        if (_calls.TryGetValue(call, out var found) && !found.IsOver)
        {
            _latency.Add(now - found.SentAt);
            // Kept with the call: when care ends, what was learned with it still holds for its window.
            End(call, found, LikelyCountedAt(found, now));
        }
        else if (_lateSentAt.Remove(call, out var sentAt))
        {
            _latency.Add(now - sentAt);
            // It was counted at some moment until now, perhaps one that the windows from here still see.
            var late = new Call(sentAt, sentAt, false, 0);
            End(call, late, LikelyCountedAt(late, now));
        }
    }

    /// <summary>The server counted more than it should have: calls arrive less evenly than it looked.</summary>
    public void Refused(long now) => _cautiousUntil = now + _cautiousTime;

    /// <summary>No answer will come; the call may have been counted until now.</summary>
    public void GivenUp(long call, long now)
    {
        if (_calls.TryGetValue(call, out var found) && !found.IsOver)
            End(call, found, CountedAt(found, now));
        else
            _lateSentAt.Remove(call);
    }

    /// <summary>The permit that is free first goes to another; of a call that is not over the answer may still come.</summary>
    private void HandOn()
    {
        var number = _free.Dequeue();
        if (_calls.Remove(number, out var call) && !call.IsOver)
            _lateSentAt[number] = call.SentAt;
    }

    private void End(long number, Call call, long countedAt) =>
        Keep(number, call with { CountedAt = countedAt, IsOver = true, FreeAt = countedAt + _window + _margin });

    private void Keep(long number, Call call)
    {
        _calls[number] = call;
        _free.Enqueue(number, call.FreeAt);
    }

    /// <summary>When the first permit is free; its call is then at the head of the queue.</summary>
    private long FirstFree(long now)
    {
        while (true)
        {
            _free.TryPeek(out var number, out var freeAt);
            if (!_calls.TryGetValue(number, out var call) || call.FreeAt != freeAt)
            {
                // Told anew since, or its permit handed on.
                _free.Dequeue();
                continue;
            }
            var later = CountedAt(call, now) + _window + _margin;
            if (later <= freeAt)
                return freeAt;
            Keep(number, call with { FreeAt = later });
        }
    }

    /// <summary>When the server counted the call, at the latest that is likely.</summary>
    private long CountedAt(Call call, long now) => call.IsOver
        ? call.CountedAt
        : Math.Max(call.CountedAt, Math.Min(LikelyCountedAt(call, now), call.SentAt + (LongestWayInWindows * _window)));

    private long LikelyCountedAt(Call call, long now) =>
        Math.Max(call.SentAt, now - (IsCareful(call, now) ? _latency.Fastest : _latency.Slowest));

    private bool IsCareful(Call call, long now) =>
        now < _cautiousUntil || call.SentAt < _stalledUntil || _latency.Spread is not { } spread || spread <= _slack / 2;

    private readonly record struct Call(long SentAt, long CountedAt, bool IsOver, long FreeAt);
}
