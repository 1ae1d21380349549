namespace Millrace.PerspectiveClassifier.Pacing;

/// <summary>Follows a low quantile of the time that answers take (stochastic approximation): what is above it may be lateness.</summary>
internal sealed class TypicalLatency
{
    private const int FirstAnswers = 50;
    private const double Step = 0.05;
    private const double UsualShare = 0.25;
    private const double CautiousShare = 0.05;

    private double _usual = double.MaxValue;
    private int _seen;

    /// <summary>True: nearly everything above the fastest answers is taken for lateness; safer, and a little slower.</summary>
    public bool Cautious { get; set; }

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
        var share = Cautious ? CautiousShare : UsualShare;
        _usual *= 1 + (Step * (latency > _usual ? share : share - 1));
    }
}
