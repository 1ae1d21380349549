namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>What one threshold means to the reference, to the raw scores and to the calibrated ones.</summary>
/// <param name="Reference">Posts at or above it by the reference.</param>
/// <param name="Before">The same by the raw scores.</param>
/// <param name="After">The same by calibrated scores, each by a curve that did not see the post.</param>
/// <param name="SameBefore">Share of all posts that reference and raw scores put on the same side.</param>
/// <param name="SameAfter">The same of calibrated scores.</param>
public sealed record ThresholdAgreement(double Threshold, int Reference, int Before, int After, double SameBefore, double SameAfter)
{
    private static readonly double[] Levels = [0.5, 0.7, 0.8, 0.9];

    /// <param name="calibrated">For each pair, its score by a curve that was fitted without it.</param>
    public static IReadOnlyList<ThresholdAgreement> Of(IReadOnlyList<ScorePair> pairs, IReadOnlyList<double> calibrated) =>
    [
        .. Levels.Select(level => new ThresholdAgreement(
            level,
            pairs.Count(pair => pair.Reference >= level),
            pairs.Count(pair => pair.Score >= level),
            calibrated.Count(score => score >= level),
            Share(pairs, (pair, _) => pair.Score >= level == pair.Reference >= level),
            Share(pairs, (pair, at) => calibrated[at] >= level == pair.Reference >= level))),
    ];

    private static double Share(IReadOnlyList<ScorePair> pairs, Func<ScorePair, int, bool> holds) =>
        Math.Round(pairs.Where(holds).Count() / (double)pairs.Count, 4);
}
