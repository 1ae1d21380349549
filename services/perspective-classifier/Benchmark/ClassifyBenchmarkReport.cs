namespace Millrace.PerspectiveClassifier.Benchmark;

/// <summary>What a run of <see cref="ClassifyBenchmark"/> measured.</summary>
/// <param name="Posts">Posts taken up.</param>
/// <param name="Labelled">Of them, labelled in the end.</param>
/// <param name="Unlabelled">Of them, ended with a reason instead.</param>
/// <param name="Lost">Of them, not labelled, with a reason or without an end: each post of a measurement can be labelled. Must be 0.</param>
/// <param name="Throttled">Times that a post was told to wait (quota, or a broken circuit).</param>
/// <param name="QuotaRefusals">Calls that the API itself refused (429).</param>
/// <param name="SteadyRefusals">Of them, after the start (10 s, or two windows of the quota), in which the client learns how the API counts.</param>
/// <param name="Failures">Times that a post was tried again after a failure.</param>
/// <param name="LabelledPerSecond">Between the first label and the last.</param>
/// <param name="QuotaUsedPercent">That rate as a part of the quota's.</param>
/// <param name="P50Ms">Median time of a call, from sending it to its whole answer.</param>
/// <param name="MaxLabelledInAnySecond">Most labels in any window of one second: a herd would show here.</param>
/// <param name="LongestSilenceSeconds">Longest time without a label; an outage shows here.</param>
public sealed record ClassifyBenchmarkReport(
    int Posts,
    int Labelled,
    int Unlabelled,
    int Lost,
    int Throttled,
    int QuotaRefusals,
    int SteadyRefusals,
    int Failures,
    double LabelledPerSecond,
    double QuotaUsedPercent,
    double P50Ms,
    double P99Ms,
    int MaxLabelledInAnySecond,
    double LongestSilenceSeconds)
{
    /// <param name="percent">Of the quota that must be used.</param>
    /// <returns>Why the run is not good enough; null if it is.</returns>
    public string? Misses(double percent) => this switch
    {
        { Lost: > 0 } => $"{Lost} posts are lost.",
        _ when QuotaUsedPercent < percent => FormattableString.Invariant($"{QuotaUsedPercent:0.0} % of the quota were used and {percent:0.0} % are required."),
        { SteadyRefusals: > 0 } => $"{SteadyRefusals} calls were refused (429) after the start.",
        _ => null,
    };
}
