using System.Diagnostics.Metrics;
using Millrace.Contracts;

namespace Millrace.Preprocessing;

/// <summary>What became of the posts, and which rules failed.</summary>
internal sealed class PreprocessingMetrics
{
    public const string MeterName = "Millrace.Preprocessing";

    private readonly Counter<long> _posts;
    private readonly Counter<long> _failures;

    public PreprocessingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _posts = meter.CreateCounter<long>("millrace.preprocessing.posts", "{post}", "Posts by outcome: kept, dropped or rejected");
        _failures = meter.CreateCounter<long>("millrace.preprocessing.rule_failures", "{post}", "Posts that a rule did not pass");
    }

    public void Count(StepResult<PreprocessedPost> result)
    {
        if (result is not StepResult<PreprocessedPost>.Completed { Output: var post })
        {
            _posts.Add(1, new KeyValuePair<string, object?>("outcome", "rejected"));
            return;
        }
        _posts.Add(1, new KeyValuePair<string, object?>("outcome", post.Keep ? "kept" : "dropped"));
        foreach (var verdict in post.Rules)
        {
            if (!verdict.Passed)
                _failures.Add(1, new KeyValuePair<string, object?>("rule", verdict.Rule));
        }
    }
}
