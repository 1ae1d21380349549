namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>Follows the time of the fastest answers, three of a hundred (stochastic approximation of a quantile).</summary>
internal sealed class TypicalLatency
{
    private const int FirstAnswers = 50;
    private const double Step = 0.05;
    private const double Share = 0.03;

    private double _fastest = double.MaxValue;
    private int _seen;

    /// <summary>Zero until the first answer.</summary>
    public long Fastest => _seen == 0 ? 0 : (long)_fastest;

    public void Add(long latency)
    {
        // The first answers hold the cost of connecting and compiling.
        if (_seen < FirstAnswers)
        {
            _fastest = Math.Min(_fastest, latency);
            _seen++;
            return;
        }
        _fastest *= 1 + (Step * (latency > _fastest ? Share : Share - 1));
    }
}
