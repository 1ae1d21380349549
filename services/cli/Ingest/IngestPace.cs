namespace Millrace.Cli.Ingest;

/// <summary>
/// How fast posts are taken and when the last will be: an estimate made before, if there is one, corrected by what is measured.
/// The estimate weighs as much as ten seconds of measuring at first and nothing after a minute; only the last minute is looked at,
/// so that a change of pace shows.
/// </summary>
/// <param name="expectedPerSecond">The rate that an estimate gave.</param>
internal sealed class IngestPace(double? expectedPerSecond, TimeProvider time)
{
    private const double EstimateSeconds = 10;

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Spacing = TimeSpan.FromSeconds(1);

    private readonly Queue<(long At, long Taken)> _looks = new();
    private (long At, long Taken) _last;

    /// <summary>Posts a second; null until something is known.</summary>
    public double? PerSecond
    {
        get
        {
            if (_looks.Count == 0)
                return expectedPerSecond;
            var (at, taken) = _looks.Peek();
            var seconds = time.GetElapsedTime(at, _last.At).TotalSeconds;
            var count = (double)(_last.Taken - taken);
            if (expectedPerSecond is not { } expected)
                return seconds >= 1 ? count / seconds : null;
            var weight = EstimateSeconds * Math.Max(0, 1 - (seconds / Window.TotalSeconds));
            return (count + (expected * weight)) / (seconds + weight);
        }
    }

    /// <param name="taken">Posts that the target has taken so far; it may fall when earlier posts are put back.</param>
    public void Look(long taken)
    {
        var now = time.GetTimestamp();
        if (_looks.Count == 0 || time.GetElapsedTime(_looks.Last().At, now) >= Spacing)
            _looks.Enqueue((now, taken));
        while (_looks.Count > 1 && time.GetElapsedTime(_looks.Peek().At, now) > Window)
            _looks.Dequeue();
        _last = (now, taken);
    }

    /// <summary>Until the last of <paramref name="total"/> posts is taken; null while the rate is unknown or nothing moves.</summary>
    public TimeSpan? Remaining(long total)
    {
        if (total <= _last.Taken)
            return TimeSpan.Zero;
        return PerSecond is { } rate and > 1e-6 ? TimeSpan.FromSeconds(Math.Min((total - _last.Taken) / rate, 1e9)) : null;
    }
}
