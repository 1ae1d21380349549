using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Benchmark;

/// <summary>Counts what became of the posts, and when.</summary>
internal sealed class BenchmarkTally(TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly List<double> _labelledAt = [];
    private readonly List<double> _tookMs = [];
    private readonly long _start = clock.GetTimestamp();
    private int _unlabelled;
    private int _throttled;
    private int _refusals;
    private int _failures;

    public int Labelled
    {
        get
        {
            lock (_lock)
                return _labelledAt.Count;
        }
    }

    public void CallTook(double milliseconds)
    {
        lock (_lock)
            _tookMs.Add(milliseconds);
    }

    public void Count(PostClassification found)
    {
        lock (_lock)
        {
            switch (found)
            {
                case PostClassification.Labelled:
                    _labelledAt.Add(clock.GetElapsedTime(_start).TotalSeconds);
                    break;
                case PostClassification.Unlabelled:
                    _unlabelled++;
                    break;
                case PostClassification.Throttled throttled:
                    _throttled++;
                    _refusals += throttled.Reason == "RESOURCE_EXHAUSTED" ? 1 : 0;
                    break;
                case PostClassification.Failed:
                    _failures++;
                    break;
            }
        }
    }

    public ClassifyBenchmarkReport Report(int posts, double quotaPerSecond)
    {
        lock (_lock)
        {
            _tookMs.Sort();
            var seconds = _labelledAt.Count > 1 ? _labelledAt[^1] - _labelledAt[0] : 0;
            var rate = seconds > 0 ? (_labelledAt.Count - 1) / seconds : 0;
            return new ClassifyBenchmarkReport(
                posts,
                _labelledAt.Count,
                _unlabelled,
                posts - _labelledAt.Count,
                _throttled,
                _refusals,
                _failures,
                Math.Round(rate, 2),
                Math.Round(100 * rate / quotaPerSecond, 2),
                Percentile(0.5),
                Percentile(0.99),
                MostInASecond(),
                LongestSilence());
        }
    }

    private double Percentile(double part) => _tookMs.Count == 0 ? 0 : Math.Round(_tookMs[(int)(part * (_tookMs.Count - 1))], 1);

    private int MostInASecond()
    {
        var (most, first) = (0, 0);
        for (var last = 0; last < _labelledAt.Count; last++)
        {
            while (_labelledAt[last] - _labelledAt[first] >= 1)
                first++;
            most = Math.Max(most, last - first + 1);
        }
        return most;
    }

    private double LongestSilence() =>
        _labelledAt.Count < 2 ? 0 : Math.Round(_labelledAt.Zip(_labelledAt.Skip(1), (before, after) => after - before).Max(), 2);
}
