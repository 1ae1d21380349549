using System.CommandLine;
using Millrace.Cli.Estimate;
using Millrace.Cli.Posts;
using Millrace.Cli.Terminal;
using Spectre.Console;

namespace Millrace.Cli.Verbs;

/// <summary><c>millrace estimate FILES...</c>: quota minutes, device seconds, disk and finish time before a backfill begins.</summary>
internal static class EstimateVerb
{
    public static Command Create()
    {
        var files = new Argument<string[]>("files") { Description = "The post files that are to be ingested.", Arity = ArgumentArity.OneOrMore };
        var quota = new Option<double?>("--quota") { Description = "Calls a second that the scoring API allows; leave it out for local scoring." };
        var perCalls = new Option<double?>("--price-per-1000-calls") { Description = "Money for a thousand calls." };
        var perHour = new Option<double?>("--price-per-device-hour") { Description = "Money for an hour of the embedding device." };
        var size = new Option<int>("--sample") { Description = "Posts that are run to measure.", DefaultValueFactory = _ => 300 };
        var json = VerbAction.JsonOption();
        var verb = new Command("estimate", "Say what a backfill will take, from a measured sample.") { files, quota, perCalls, perHour, size, json };
        verb.Run(json, async (parsed, output, cancellationToken) =>
        {
            var (counts, sample) = await DrawAsync(parsed.GetRequiredValue(files), parsed.GetValue(size), cancellationToken);
            if (counts.Posts == 0)
                return output.Fail("There are no posts in these files.");
            output.Progress.WriteLine($"{counts.Posts} posts, {counts.Kept} kept by preprocessing; running a sample of {sample.Count} ...");
            var cost = await SampleRun.MeasureAsync(sample, workflows: null, new Dictionary<string, string?>(), cancellationToken);
            var report = EstimateReport.From(counts, cost, new Prices(parsed.GetValue(quota), parsed.GetValue(perCalls), parsed.GetValue(perHour)));
            SavedEstimate.Write(StateFolder.Path, parsed.GetRequiredValue(files), report);
            output.Write(report, console => Show(console, report));
            return ExitCodes.Ok;
        });
        return verb;
    }

    /// <summary>Preprocesses all posts and keeps a sample spread evenly over them (every so manyth, thinned as the count grows).</summary>
    private static async Task<(PostCounts Counts, List<Post> Sample)> DrawAsync(string[] files, int size, CancellationToken cancellationToken)
    {
        var sample = new List<Post>();
        var count = PostCounting.Begin();
        var (posts, every) = (0L, 1L);
        foreach (var file in files)
        {
            await foreach (var post in PostFile.ReadAsync(file, cancellationToken))
            {
                count.Add(post);
                if (posts++ % every != 0)
                    continue;
                sample.Add(post);
                if (sample.Count < 2 * size)
                    continue;
                sample = [.. sample.Where((_, index) => index % 2 == 0)];
                every *= 2;
            }
        }
        return (PostCounts.Of(count), sample);
    }

    private static void Show(IAnsiConsole console, EstimateReport report)
    {
        console.WriteLine($"{report.Posts} posts, {report.KeptShare:P1} kept by preprocessing; time, device and disk measured on {report.SamplePosts}");
        if (report.QuotaMinutes is { } minutes)
            console.WriteLine($"quota:   {report.Calls} calls, {minutes:0.0} minutes");
        console.WriteLine($"device:  {report.DeviceSeconds:0.0} s of inference");
        console.WriteLine($"disk:    {report.StoredMiB:0.0} MiB");
        console.WriteLine($"finish:  after {report.FinishMinutes:0.0} minutes (this machine alone would need {report.LocalMinutes:0.0})");
        if (report.Money is { } money)
            console.WriteLine($"money:   {money:0.00}");
    }
}
