using System.Diagnostics;
using System.Text.Json.Nodes;
using Millrace.Cli.Client;
using Millrace.Cli.Posts;

namespace Millrace.Cli.Demo;

internal sealed record DemoSummary(int Accepted, int Completed, int Failed, double Seconds);

/// <summary>Where all posts of the demo stand.</summary>
internal sealed record DemoProgress(int Accepted, int Completed, int Failed)
{
    public int Open => Accepted - Completed - Failed;
}

/// <summary>Posts the samples to a manager and follows them to their end.</summary>
internal sealed class DemoRun(MillraceClient client, string workflow, TimeProvider time)
{
    private const int GroupSize = 50;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    private readonly List<string> _ids = [];

    /// <param name="limit">After this long, requests that are still open count as failed.</param>
    public async Task<DemoSummary> RunAsync(string samples, TimeSpan limit, Action<DemoProgress> show, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await SendAsync(samples, cancellationToken);
        var progress = new DemoProgress(_ids.Count, 0, 0);
        while (progress.Open > 0 && watch.Elapsed < limit)
        {
            progress = await LookAsync(cancellationToken);
            show(progress);
            if (progress.Open > 0)
                await Task.Delay(LookEvery, time, cancellationToken);
        }
        return new DemoSummary(progress.Accepted, progress.Completed, progress.Failed + progress.Open, Math.Round(watch.Elapsed.TotalSeconds, 2));
    }

    /// <summary>The final views, in the order of the samples.</summary>
    public async Task<IReadOnlyList<JsonNode>> ReadResultsAsync(int most, CancellationToken cancellationToken)
    {
        var results = new List<JsonNode>();
        foreach (var id in _ids.Take(most))
            results.Add(await client.GetAsync("api/requests/" + id, cancellationToken));
        return results;
    }

    private async Task SendAsync(string samples, CancellationToken cancellationToken)
    {
        var group = new List<Post>();
        await foreach (var post in PostFile.ReadAsync(samples, cancellationToken))
        {
            group.Add(post);
            if (group.Count == GroupSize)
                await FlushAsync(group, cancellationToken);
        }
        await FlushAsync(group, cancellationToken);
    }

    private async Task FlushAsync(List<Post> group, CancellationToken cancellationToken)
    {
        if (group.Count == 0)
            return;
        var accepted = await client.PostAsync($"api/workflows/{workflow}/requests", JsonArrays.Join(group), cancellationToken);
        _ids.AddRange(accepted["ids"]!.AsArray().Select(id => id!.ToString()));
        group.Clear();
    }

    private async Task<DemoProgress> LookAsync(CancellationToken cancellationToken)
    {
        var counts = await RequestCounts.ReadAsync(client, cancellationToken);
        return new DemoProgress(_ids.Distinct().Count(), (int)counts.Of(workflow, "completed"), (int)counts.Of(workflow, "failed", "cancelled"));
    }
}
