namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>Follows the median time of an answer (stochastic approximation of a quantile).</summary>
internal sealed class TypicalLatency
{
    private const int FirstAnswers = 50;
    private const double Step = 0.05;

    private double _usual = double.MaxValue;
    private int _seen;

    /// <summary>Zero until the first answer.</summary>
    public long Usual => _seen == 0 ? 0 : (long)_usual;

    public void Add(long latency)
    {
        // The first answers hold the cost of connecting and compiling: the fastest of them is nearest to the usual.
        if (_seen < FirstAnswers)
        {
            _usual = Math.Min(_usual, latency);
            _seen++;
            return;
        }
        _usual *= 1 + (latency > _usual ? Step : -Step) * 0.5;
    }
}
