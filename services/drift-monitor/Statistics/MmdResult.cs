namespace Millrace.DriftMonitor.Statistics;

/// <summary>The outcome of a two-sample test by maximum mean discrepancy (Gretton et al., JMLR 13, 2012).</summary>
/// <param name="Mmd2">
/// The squared discrepancy: unbiased and possibly below zero in the exact test, biased and at least zero with random features.
/// </param>
/// <param name="PValue">(k+1)/(n+1) over n permutations of which k are at least as extreme; never 0.</param>
/// <param name="Threshold">The value that the statistic exceeds by chance in a share <c>level</c> of cases.</param>
/// <param name="Bandwidth">Sigma of the kernel exp(-|x-y|²/(2·sigma²)).</param>
public sealed record MmdResult(double Mmd2, double PValue, double Threshold, double Bandwidth, int Permutations, string Method)
{
    /// <summary>How large the discrepancy is, in units of the kernel: 0 for equal distributions, at most the square root of 2.</summary>
    public double EffectSize => Math.Sqrt(Math.Max(0, Mmd2));

    public bool IsDrift(double level) => PValue <= level;

    internal static MmdResult From(double observed, double[] permuted, double level, double bandwidth, string method)
    {
        var atLeast = permuted.Count(value => value >= observed);
        var sorted = permuted.Order().ToArray();
        var threshold = sorted.Length == 0 ? double.NaN : sorted[Math.Clamp((int)Math.Ceiling((1 - level) * (sorted.Length + 1)) - 1, 0, sorted.Length - 1)];
        return new MmdResult(observed, (atLeast + 1.0) / (permuted.Length + 1.0), threshold, bandwidth, permuted.Length, method);
    }
}
