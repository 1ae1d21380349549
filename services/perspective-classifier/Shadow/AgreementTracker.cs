using Millrace.PerspectiveClassifier.Calibration;

namespace Millrace.PerspectiveClassifier.Shadow;

/// <summary>The last pairs of scores, for each attribute so many.</summary>
internal sealed class AgreementTracker(int pairsPerAttribute)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<ScorePair>> _pairs = [];
    private long _unpaired;

    /// <summary>Posts that the local model could not score, so that nothing could be compared.</summary>
    public long Unpaired => Interlocked.Read(ref _unpaired);

    public void Add(IReadOnlyDictionary<string, double> counts, IReadOnlyDictionary<string, double> local)
    {
        lock (_lock)
        {
            foreach (var (attribute, score) in local)
            {
                if (!counts.TryGetValue(attribute, out var reference))
                    continue;
                if (!_pairs.TryGetValue(attribute, out var kept))
                    _pairs[attribute] = kept = new Queue<ScorePair>();
                if (kept.Count == pairsPerAttribute)
                    kept.Dequeue();
                kept.Enqueue(new ScorePair(score, reference));
            }
        }
    }

    public void Miss() => Interlocked.Increment(ref _unpaired);

    public IReadOnlyDictionary<string, IReadOnlyList<ScorePair>> Pairs()
    {
        lock (_lock)
            return _pairs.ToDictionary(pair => pair.Key, pair => (IReadOnlyList<ScorePair>)[.. pair.Value]);
    }

    public IReadOnlyDictionary<string, AttributeAgreement> Agreement() =>
        Pairs().ToDictionary(pair => pair.Key, pair => AttributeAgreement.Of(pair.Value));
}
