using System.Diagnostics;

namespace Millrace.PerspectiveEmulator;

/// <summary>Counts arrivals against the quotas, and what they were answered.</summary>
internal sealed class CallCounter
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private readonly (SlidingWindow Window, string Limit)[] _quotas;
    private readonly BusiestSecond _busiest = new();
    private readonly BusiestSecond _busiestAfterOutage = new();
    private readonly TimeSpan? _outageEnd;
    private TimeSpan? _first;
    private TimeSpan _last;
    private EmulatorStatistics _seen = new(0, 0, 0, 0, 0, 0, 0, 0, 0);

    public CallCounter(EmulatorOptions options)
    {
        var quotas = new List<(SlidingWindow, string)>();
        if (options.PermitsPerSecond > 0)
            quotas.Add((new SlidingWindow(options.PermitsPerSecond, Second), "AnalyzeRequestsPerSecondPerProject"));
        if (options.PermitsPerMinute > 0 || options.WithoutQuota)
            quotas.Add((new SlidingWindow(options.WithoutQuota ? 0 : options.PermitsPerMinute, TimeSpan.FromMinutes(1)), options.QuotaLimitName ?? "AnalyzeRequestsPerMinutePerProject"));
        _quotas = [.. quotas];
        _outageEnd = options.OutageAfterSeconds < 0 ? null : TimeSpan.FromSeconds(options.OutageAfterSeconds + options.OutageSeconds);
    }

    public EmulatorStatistics Seen
    {
        get
        {
            lock (_lock)
            {
                return _seen with
                {
                    Seconds = (_last - (_first ?? _last)).TotalSeconds,
                    MaxInAnySecond = _busiest.Most,
                    MaxInAnySecondAfterOutage = _busiestAfterOutage.Most,
                };
            }
        }
    }

    /// <returns>Time since the first call, and the quota that refuses this one.</returns>
    public (TimeSpan SinceFirst, string? Limit, int Permits) Arrive()
    {
        lock (_lock)
        {
            var now = _time.Elapsed;
            _first ??= now;
            _last = now;
            _busiest.Add(now);
            if (_outageEnd is { } end && now - _first >= end)
                _busiestAfterOutage.Add(now);
            _seen = _seen with { Calls = _seen.Calls + 1 };
            foreach (var (window, limit) in _quotas)
            {
                if (window.TryAccept(now))
                    continue;
                _seen = _seen with { Refused = _seen.Refused + 1 };
                return (now - _first.Value, limit, window.Permits);
            }
            _seen = _seen with { Accepted = _seen.Accepted + 1 };
            return (now - _first.Value, null, 0);
        }
    }

    public void Answered(int status)
    {
        lock (_lock)
        {
            _seen = status switch
            {
                200 => _seen with { Scored = _seen.Scored + 1 },
                >= 500 => _seen with { Failed = _seen.Failed + 1 },
                400 or 403 => _seen with { Rejected = _seen.Rejected + 1 },
                _ => _seen,
            };
        }
    }
}
