namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>Follows how long the fastest answers take and how far the others lie above (stochastic approximation of three quantiles).</summary>
internal sealed class TypicalLatency
{
    private const int FirstAnswers = 50;
    private const int SettlingAnswers = 100;
    private const double Step = 0.05;
    private const double FastShare = 0.03;
    private const double SlowShare = 0.75;
    private const double SlowestShare = 0.98;

    private double _fast = double.MaxValue;
    private double _slow;
    private double _slowest;
    private int _seen;

    /// <summary>Zero until enough have come to know.</summary>
    public long Fastest => _seen < FirstAnswers ? 0 : (long)_fast;

    /// <summary>Between the fastest and three quarters of the answers; null until enough have come.</summary>
    public long? Spread => _seen < FirstAnswers + SettlingAnswers ? null : (long)Math.Max(0, _slow - _fast);

    /// <summary>Hardly any answer takes longer; a call that does was late on its way, or its server was.</summary>
    public long Slowest => Spread is null ? long.MaxValue : (long)_slowest;

    public void Add(long latency)
    {
        // The first answers hold the cost of connecting and compiling.
        if (_seen < FirstAnswers)
        {
            _fast = Math.Min(_fast, latency);
            _slow = _fast;
            _slowest = _fast;
            _seen++;
            return;
        }
        _seen += _seen < FirstAnswers + SettlingAnswers ? 1 : 0;
        _fast *= Factor(latency > _fast, FastShare);
        _slow *= Factor(latency > _slow, SlowShare);
        _slowest *= Factor(latency > _slowest, SlowestShare);
    }

    private static double Factor(bool above, double share) => 1 + (Step * (above ? share : share - 1));
}
