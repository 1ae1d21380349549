using Millrace.Cli.Estimate;
using Millrace.Cli.Posts;
using Millrace.Preprocessing;

namespace Millrace.Cli.Tests.Estimate;

public sealed class EstimateReportTests
{
    private static readonly SampleCost Sample = new(Posts: 300, Kept: 240, Seconds: 6, DeviceSeconds: 12, StoredBytes: 3 * 1024 * 1024);

    [Fact]
    public void A_quota_is_spent_on_kept_posts_on_texts_of_unsure_language_twice_and_on_learning_languages()
    {
        var report = EstimateReport.From(new PostCounts(150_000, 110_000, 4_000, Languages: 3), Sample, new Prices(50, 1, null));

        Assert.Equal(114_045, report.Calls);
        Assert.Equal(114_045 / (50 * 0.99) / 60, report.QuotaMinutes!.Value, 6);
        Assert.Equal(report.LocalMinutes, report.FinishMinutes);
        Assert.Equal(114.045, report.Money!.Value, 6);
        Assert.Equal(11 / 15.0, report.KeptShare, 6);
    }

    [Fact]
    public void Without_a_quota_the_machine_is_the_limit_and_every_kept_post_is_scored_once()
    {
        var report = EstimateReport.From(new PostCounts(150_000, 110_000, 4_000, Languages: 3), Sample, new Prices(null, null, 2));

        Assert.Equal((110_000, null), (report.Calls, report.QuotaMinutes));
        Assert.Equal((50, 50), (report.LocalMinutes, report.FinishMinutes));
        Assert.Equal(5_500, report.DeviceSeconds, 6);
        Assert.Equal(1_500, report.StoredMiB, 6);
        Assert.Equal(5_500 / 3600.0 * 2, report.Money!.Value, 6);
    }

    [Fact]
    public void Nothing_costs_nothing()
    {
        var report = EstimateReport.From(new PostCounts(0, 0, 0, 0), new SampleCost(0, 0, 0, 0, 0), new Prices(50, null, null));

        Assert.Equal((0, 0, 0, 0), (report.Calls, report.FinishMinutes, report.DeviceSeconds, report.KeptShare));
    }

    [Theory]
    [InlineData(102.9, 50.5, true)]
    [InlineData(96.9, 50.5, false)]
    [InlineData(102.9, 53.1, false)]
    public void A_check_that_is_off_by_more_than_3_percent_of_the_run_or_of_the_backfill_fails(double seconds, double minutes, bool isCloseEnough)
    {
        var report = new EstimateCheckReport(
            1_000, EstimatedCalls: 2_000, MeasuredCalls: 2_000, LearningCalls: 1_000, seconds, MeasuredSeconds: 100, BackfillPosts: 60_000, minutes);

        Assert.Equal(50.83, report.MeasuredBackfillMinutes);
        Assert.Equal(isCloseEnough, report.IsCloseEnough);
    }

    /// <summary>A sample of every so manyth post would hold hardly any of the duplicates.</summary>
    [Fact]
    public void Duplicates_are_counted_over_all_posts_and_a_post_that_comes_twice_once()
    {
        var count = PostCounting.Begin();
        string[] texts =
        [
            "The old mill at the river turns all day and most of the night, whatever the weather is.",
            "Nobody in the village remembers who planted the apple trees along the northern road.",
            "In the evening the ferry brings letters, flour and the news of the week to the island.",
        ];
        foreach (var (number, text) in texts.Index())
            Add(count, $"{{\"uri\":\"at://{number}\",\"text\":\"{text}\"}}");
        Add(count, $"{{\"uri\":\"at://copy\",\"text\":\"{texts[0]}\"}}");
        Add(count, $"{{\"uri\":\"at://1\",\"text\":\"{texts[1]}\"}}");
        Add(count, "no JSON");

        Assert.Equal((6, 1, 3), (count.Posts, count.Repeated, count.Kept));
    }

    private static void Add(PostCount count, string body) => count.Add(new Post(System.Text.Encoding.UTF8.GetBytes(body), "test"));
}
