using System.CommandLine;
using Millrace.Cli.Estimate;
using Millrace.Cli.Posts;
using Millrace.Cli.Terminal;
using Millrace.PerspectiveClassifier.Benchmark;
using Spectre.Console;

namespace Millrace.Cli.Verbs.Bench;

/// <summary>What <c>estimate</c> says of a backfill beside what a part of it takes; from a checkout, against the tests' emulator.</summary>
internal static class BenchEstimateVerb
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The posts." };
        var posts = new Option<int>("--posts") { Description = "How many of them are run; the start and end of a run, two to three seconds, weigh the less the more there are.", DefaultValueFactory = _ => 6_000 };
        var backfill = new Option<int>("--backfill") { Description = "How many the figures are scaled to.", DefaultValueFactory = _ => 150_000 };
        var permits = new Option<int>("--permits") { Description = "Calls a second of the quota.", DefaultValueFactory = _ => 50 };
        var json = VerbAction.JsonOption();
        var verb = new Command("estimate", "What `estimate` says beside what a run takes; the exit code is not 0 if they differ by more than 3 %.") { file, posts, backfill, permits, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var read = await ReadAsync(parsed.GetRequiredValue(file), parsed.GetValue(posts), cancellationToken);
            var quota = new ClassifyBenchmarkOptions { BaseUrl = new Uri("http://127.0.0.1"), QuotaPermits = parsed.GetValue(permits) };
            await using var emulator = await EmulatorProcess.StartAsync(quota, outageSeconds: 0, cancellationToken);
            var report = await EstimateCheck.RunAsync(read, parsed.GetValue(backfill), emulator.Url, quota.QuotaPermits, cancellationToken);
            var server = await emulator.ReadStatisticsAsync(cancellationToken);
            report = server is null ? report : report with { MeasuredCalls = server.Calls };
            output.Write(new { report, server }, console => Show(console, report, server));
            return report.IsCloseEnough ? ExitCodes.Ok : ExitCodes.Failed;
        });
        return verb;
    }

    private static async Task<List<Post>> ReadAsync(string path, int most, CancellationToken cancellationToken)
    {
        var posts = new List<Post>();
        await foreach (var post in PostFile.ReadAsync(path, cancellationToken))
        {
            posts.Add(post);
            if (posts.Count == most)
                break;
        }
        return posts.Count > 0 ? posts : throw new PostFileException($"{path}: there are no posts in it.");
    }

    private static void Show(IAnsiConsole console, EstimateCheckReport report, EmulatorView? server)
    {
        console.WriteLine($"{report.Posts} posts: {report.EstimatedSeconds:0.0} s estimated, {report.MeasuredSeconds:0.0} s measured, {report.DifferencePercent:+0.0;-0.0} %");
        console.WriteLine($"calls: {report.EstimatedCalls} estimated, {report.MeasuredCalls} measured, {server?.Refused} refused");
        console.WriteLine($"{report.BackfillPosts} posts: {report.EstimatedBackfillMinutes:0.0} minutes estimated, {report.MeasuredBackfillMinutes:0.0} by the run, {report.BackfillDifferencePercent:+0.0;-0.0} %");
    }
}
