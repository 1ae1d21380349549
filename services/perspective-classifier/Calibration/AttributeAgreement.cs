namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>How well two providers agree on one attribute.</summary>
/// <param name="Pairs">Posts that both scored.</param>
/// <param name="Spearman">Rank correlation, -1 to 1; null with fewer than two different scores.</param>
/// <param name="MeanAbsoluteDifference">Of the scores as they are.</param>
/// <param name="AucAt">
/// Area under the ROC curve when the reference is cut at a threshold and the other ranks; by threshold, only where both sides have posts.
/// </param>
public sealed record AttributeAgreement(
    int Pairs, double? Spearman, double MeanAbsoluteDifference, IReadOnlyDictionary<string, double> AucAt)
{
    private static readonly (string Name, double Value)[] Thresholds = [("0.5", 0.5), ("0.7", 0.7), ("0.8", 0.8), ("0.9", 0.9)];

    public static AttributeAgreement Of(IReadOnlyList<ScorePair> pairs)
    {
        if (pairs.Count == 0)
            return new AttributeAgreement(0, null, 0, new Dictionary<string, double>());
        var scores = Ranks([.. pairs.Select(pair => pair.Score)]);
        var references = Ranks([.. pairs.Select(pair => pair.Reference)]);
        var areas = new Dictionary<string, double>();
        foreach (var (name, value) in Thresholds)
        {
            if (Auc(pairs, scores, value) is { } area)
                areas[name] = Math.Round(area, 4);
        }
        return new AttributeAgreement(
            pairs.Count, Correlation(scores, references), Math.Round(pairs.Average(pair => Math.Abs(pair.Score - pair.Reference)), 4), areas);
    }

    private static double? Auc(IReadOnlyList<ScorePair> pairs, double[] ranks, double threshold)
    {
        long above = 0;
        var sum = 0.0;
        for (var at = 0; at < pairs.Count; at++)
        {
            if (pairs[at].Reference < threshold)
                continue;
            above++;
            sum += ranks[at];
        }
        var below = pairs.Count - above;
        return above == 0 || below == 0 ? null : (sum - (above * (above + 1) / 2.0)) / (above * below);
    }

    private static double? Correlation(double[] one, double[] other)
    {
        var (meanOne, meanOther) = (one.Average(), other.Average());
        double shared = 0, ofOne = 0, ofOther = 0;
        for (var at = 0; at < one.Length; at++)
        {
            shared += (one[at] - meanOne) * (other[at] - meanOther);
            ofOne += Math.Pow(one[at] - meanOne, 2);
            ofOther += Math.Pow(other[at] - meanOther, 2);
        }
        return ofOne == 0 || ofOther == 0 ? null : Math.Round(shared / Math.Sqrt(ofOne * ofOther), 4);
    }

    /// <summary>Ranks from 1; equal values share the mean of theirs.</summary>
    private static double[] Ranks(double[] values)
    {
        var order = Enumerable.Range(0, values.Length).ToArray();
        Array.Sort((double[])values.Clone(), order);
        var ranks = new double[values.Length];
        for (var first = 0; first < order.Length;)
        {
            var last = first;
            while (last + 1 < order.Length && values[order[last + 1]] == values[order[first]])
                last++;
            for (var at = first; at <= last; at++)
                ranks[order[at]] = ((first + last) / 2.0) + 1;
            first = last + 1;
        }
        return ranks;
    }
}
