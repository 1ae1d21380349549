using System.Globalization;
using Millrace.Cli.Posts;
using Millrace.Standalone;

namespace Millrace.Cli.Estimate;

/// <summary>What <c>estimate</c> said of some posts and what a run of them took, both also scaled to a backfill.</summary>
/// <param name="MeasuredCalls">As the API counted them, where it can be asked; else the posts that were scored.</param>
/// <param name="LearningCalls">Of these, what it costs to learn the languages, however many posts there are.</param>
/// <param name="EstimatedSeconds">Said beforehand, from what preprocessing keeps and a sample.</param>
/// <param name="MeasuredSeconds">From the first post sent to the last request ended.</param>
internal sealed record EstimateCheckReport(
    int Posts, int EstimatedCalls, int MeasuredCalls, int LearningCalls, double EstimatedSeconds, double MeasuredSeconds,
    int BackfillPosts, double EstimatedBackfillMinutes)
{
    private const double MostPercent = 3;

    /// <summary>Of the estimate, as a part of what was measured.</summary>
    public double DifferencePercent => Difference(EstimatedSeconds, MeasuredSeconds);

    /// <summary>What a backfill takes at the pace of the run, start and end of the run included in that.</summary>
    public double MeasuredBackfillMinutes
    {
        get
        {
            var callsAPost = (double)(MeasuredCalls - LearningCalls) / Posts;
            return Math.Round(((callsAPost * BackfillPosts) + LearningCalls) * MeasuredSeconds / MeasuredCalls / 60, 2);
        }
    }

    public double BackfillDifferencePercent => Difference(EstimatedBackfillMinutes, MeasuredBackfillMinutes);

    /// <summary>The estimate is off by no more than is promised, of the run and of the backfill.</summary>
    public bool IsCloseEnough => Math.Max(Math.Abs(DifferencePercent), Math.Abs(BackfillDifferencePercent)) <= MostPercent;

    private static double Difference(double said, double measured) => Math.Round(100 * (said - measured) / measured, 2);
}

/// <summary>Holds the estimate against a run of the same posts through the whole suite, scored by an API with that quota.</summary>
internal static class EstimateCheck
{
    private const int SampleSize = 300;
    private const string ClassifierQueue = "queue: perspective-classifier";

    public static async Task<EstimateCheckReport> RunAsync(
        IReadOnlyList<Post> posts, int backfillPosts, Uri api, int permitsPerSecond, CancellationToken cancellationToken)
    {
        var every = Math.Max(1, posts.Count / SampleSize);
        var sample = await SampleRun.MeasureAsync(
            [.. posts.Where((_, at) => at % every == 0)], workflows: null, new Dictionary<string, string?>(), cancellationToken);
        var prices = new Prices(permitsPerSecond, null, null);
        var count = PostCounting.Begin();
        foreach (var post in posts)
            count.Add(post);
        var counts = PostCounts.Of(count);
        var estimate = EstimateReport.From(counts, sample, prices);
        var workflows = Directory.CreateTempSubdirectory("millrace-workflows-");
        try
        {
            await WriteWorkflowAsync(workflows.FullName, permitsPerSecond, cancellationToken);
            var run = await SampleRun.MeasureAsync(posts, workflows.FullName, Remote(api, permitsPerSecond), cancellationToken);
            return new EstimateCheckReport(
                posts.Count, (int)estimate.Calls, run.Kept, EstimateReport.CallsToLearnALanguage * counts.Languages,
                Math.Round(estimate.FinishMinutes * 60, 1), run.Seconds, backfillPosts,
                Math.Round(EstimateReport.From(counts.ScaleTo(backfillPosts), sample, prices).FinishMinutes, 2));
        }
        finally
        {
            workflows.Delete(recursive: true);
        }
    }

    /// <summary>The shipped workflow with the quota as the limit of its step, as an operator writes it.</summary>
    private static async Task WriteWorkflowAsync(string folder, int permitsPerSecond, CancellationToken cancellationToken)
    {
        var shipped = await File.ReadAllTextAsync(Path.Combine(InstallPaths.Workflows, "enrich-post.yaml"), cancellationToken);
        var limit = string.Create(CultureInfo.InvariantCulture, $"{ClassifierQueue}\n        rateLimit: {{ permits: {permitsPerSecond * 99}, per: 100s }}");
        await File.WriteAllTextAsync(Path.Combine(folder, "enrich-post.yaml"), shipped.Replace(ClassifierQueue, limit, StringComparison.Ordinal), cancellationToken);
    }

    private static Dictionary<string, string?> Remote(Uri api, int permitsPerSecond) => new()
    {
        ["Classifier:Instances:perspective:Provider"] = "Perspective",
        ["Classifier:Instances:perspective:Perspective:BaseUrl"] = api.ToString(),
        ["Classifier:Instances:perspective:Perspective:QuotaPermits"] = permitsPerSecond.ToString(CultureInfo.InvariantCulture),
        ["Classifier:Instances:perspective:Perspective:QuotaWindowSeconds"] = "1",
    };
}
