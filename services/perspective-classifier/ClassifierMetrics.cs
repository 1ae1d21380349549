using System.Diagnostics.Metrics;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier;

/// <summary>What became of the posts, and how the remote provider answers.</summary>
public sealed class ClassifierMetrics
{
    public const string MeterName = "Millrace.PerspectiveClassifier";

    internal const string AnswersName = "millrace.classifier.perspective.answers";

    internal const string LatencyName = "millrace.classifier.perspective.latency";

    private readonly Counter<long> _posts;
    private readonly Counter<long> _answers;
    private readonly Histogram<double> _latency;

    public ClassifierMetrics(IMeterFactory meters)
    {
        Meter = meters.Create(MeterName);
        _posts = Meter.CreateCounter<long>("millrace.classifier.posts", "{post}", "Posts by classifier, outcome and reason");
        _answers = Meter.CreateCounter<long>(AnswersName, "{call}", "Answers of the remote API by HTTP status");
        _latency = Meter.CreateHistogram<double>(LatencyName, "ms", "From sending a call to its whole answer");
    }

    internal Meter Meter { get; }

    internal void Count(string classifier, PostClassification? found)
    {
        var (outcome, reason) = found switch
        {
            null => ("rejected", "TEXT_MISSING"),
            PostClassification.Labelled => ("labelled", ""),
            PostClassification.Unlabelled unlabelled => ("unlabelled", unlabelled.Reason),
            PostClassification.Throttled throttled => ("throttled", throttled.Reason),
            PostClassification.Failed failed => ("failed", failed.Reason),
            _ => ("unknown", ""),
        };
        _posts.Add(1, new("classifier", classifier), new("outcome", outcome), new KeyValuePair<string, object?>("reason", reason));
    }

    internal void CountAnswer(int status, TimeSpan latency)
    {
        _answers.Add(1, new KeyValuePair<string, object?>("status", status));
        _latency.Record(latency.TotalMilliseconds);
    }
}
