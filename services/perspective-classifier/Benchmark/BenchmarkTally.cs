using System.Net;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Benchmark;

/// <summary>Counts what became of the posts, and when.</summary>
/// <param name="settling">Until then a refusal belongs to the start, in which the client learns how the API counts.</param>
internal sealed class BenchmarkTally(TimeProvider clock, TimeSpan settling)
{
    private readonly Lock _lock = new();
    private readonly List<double> _labelledAt = [];
    private readonly List<double> _tookMs = [];
    private readonly long _start = clock.GetTimestamp();
    private int _unlabelled;
    private int _throttled;
    private int _refusals;
    private int _steadyRefusals;
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

    /// <summary>By the status alone: a gateway refuses without Google's words.</summary>
    public void Answered(int status)
    {
        if (status != (int)HttpStatusCode.TooManyRequests)
            return;
        lock (_lock)
        {
            _refusals++;
            _steadyRefusals += clock.GetElapsedTime(_start) > settling ? 1 : 0;
        }
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
                case PostClassification.Throttled:
                    _throttled++;
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
                _steadyRefusals,
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
