namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>
/// A monotone map of scores: straight between its knots, flat outside them. Fitted by pooling adjacent violators (Ayer et al. 1955;
/// Zadrozny and Elkan 2002 for classifier scores), the best monotone fit by least squares.
/// </summary>
public sealed class IsotonicCurve
{
    private readonly double[] _from;
    private readonly double[] _to;

    /// <param name="knots">Pairs of raw and calibrated score, both 0 to 1, neither ever falling.</param>
    /// <exception cref="ArgumentException">No knot, one out of range, or a falling one.</exception>
    public IsotonicCurve(IReadOnlyList<double[]> knots)
    {
        if (knots.Count == 0)
            throw new ArgumentException("A curve needs a knot.", nameof(knots));
        for (var at = 0; at < knots.Count; at++)
        {
            if (knots[at] is not [>= 0 and <= 1, >= 0 and <= 1])
                throw new ArgumentException($"Knot {at} is no pair of numbers from 0 to 1.", nameof(knots));
            if (at > 0 && (knots[at][0] < knots[at - 1][0] || knots[at][1] < knots[at - 1][1]))
                throw new ArgumentException($"Knot {at} falls.", nameof(knots));
        }
        Knots = knots;
        _from = [.. knots.Select(knot => knot[0])];
        _to = [.. knots.Select(knot => knot[1])];
    }

    public IReadOnlyList<double[]> Knots { get; }

    public double Apply(double score)
    {
        var at = Array.BinarySearch(_from, score);
        if (at >= 0)
            return _to[at];
        at = ~at;
        if (at == 0)
            return _to[0];
        if (at == _from.Length)
            return _to[^1];
        var part = (score - _from[at - 1]) / (_from[at] - _from[at - 1]);
        return _to[at - 1] + (part * (_to[at] - _to[at - 1]));
    }

    /// <summary>The monotone curve nearest to the pairs.</summary>
    /// <param name="pairs">At least one; raw score and what it should have been.</param>
    /// <param name="maxKnots">Further blocks are thinned out evenly.</param>
    public static IsotonicCurve Fit(IReadOnlyList<ScorePair> pairs, int maxKnots = 200)
    {
        var blocks = Pool(pairs);
        var step = Math.Max(1, (int)Math.Ceiling((double)blocks.Count / maxKnots));
        var knots = new List<double[]>();
        for (var at = 0; at < blocks.Count; at++)
        {
            if (at % step == 0 || at == blocks.Count - 1)
                knots.Add([Math.Round(blocks[at].Score, 6), Math.Round(blocks[at].Value, 6)]);
        }
        return new IsotonicCurve([.. knots.DistinctBy(knot => knot[0])]);
    }

    private static List<Block> Pool(IReadOnlyList<ScorePair> pairs)
    {
        var blocks = new List<Block>();
        foreach (var group in pairs.GroupBy(pair => pair.Score).OrderBy(group => group.Key))
        {
            blocks.Add(new Block(group.Key, group.Average(pair => pair.Reference), group.Count()));
            while (blocks.Count > 1 && blocks[^2].Value >= blocks[^1].Value)
            {
                var merged = blocks[^2].With(blocks[^1]);
                blocks.RemoveRange(blocks.Count - 2, 2);
                blocks.Add(merged);
            }
        }
        return blocks;
    }

    private readonly record struct Block(double Score, double Value, int Weight)
    {
        public Block With(Block other)
        {
            var weight = Weight + other.Weight;
            return new Block(
                ((Score * Weight) + (other.Score * other.Weight)) / weight, ((Value * Weight) + (other.Value * other.Weight)) / weight, weight);
        }
    }
}

/// <summary>One post's score by two providers.</summary>
/// <param name="Score">Of the local model, as the model gives it.</param>
/// <param name="Reference">Of the provider whose scores count.</param>
public readonly record struct ScorePair(double Score, double Reference);
