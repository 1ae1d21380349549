using Millrace.DriftMonitor.Detection;
using Millrace.DriftMonitor.Statistics;

namespace Millrace.DriftMonitor.Tests.Detection;

public sealed class DriftDetectorTests
{
    private const int Dimensions = 12;

    private const int Always = 40_000;
    private const int Never = 0;

    private static readonly DriftOptions Options = new() { ReferencePosts = 400, WindowPosts = 400, TestEveryPosts = 100, FalseAlarmRate = 0.01, Frequencies = 128 };

    [Theory]
    [InlineData(Always)]
    [InlineData(Never)]
    public void A_change_raises_one_alarm_and_not_one_a_test(int exactUpToPosts)
    {
        var detector = New(exactUpToPosts);
        Feed(detector, 1_600, seed: 1);

        var tests = Feed(detector, 1_200, seed: 2, shift: 3);

        Assert.Equal(1, tests.Count(test => test.Alarm));
        Assert.True(tests[^1].Drifting);
    }

    [Fact]
    public void Without_a_change_there_are_hardly_any_alarms()
    {
        var windows = 0;
        var alarms = 0;
        for (var run = 0; run < 20; run++)
        {
            var detector = New(Never);
            var tests = Feed(detector, 2_000, seed: 100 + run);
            windows += 4;
            alarms += tests.Count(test => test.Alarm);
        }

        // 1 % of 80 windows; four would be far outside.
        Assert.InRange(alarms, 0, 3);
    }

    /// <summary>Windows of the default sizes, 2,000 and 1,000, at the level 0.05: 25 of 500 are expected, 8 and 42 are three and a half deviations away.</summary>
    [Fact]
    public void At_the_default_windows_first_tests_by_features_stay_within_the_level_over_500_draws()
    {
        var options = new DriftOptions { Frequencies = 16, FalseAlarmRate = 0.2, ExactUpToPosts = Never };
        Assert.Equal(0.05, options.TestLevel, 6);

        var alarms = ParallelEnumerable.Range(0, 500).Count(run =>
        {
            var detector = new DriftDetector(DriftDetector.NewState("score@r1", 1, options), options);
            var random = new Random(run);
            return Enumerable.Range(0, options.ReferencePosts + options.WindowPosts)
                .Select(post => detector.Observe($"{post}", [(float)RandomFeatures.Normal(random)], DateTimeOffset.UnixEpoch))
                .Single(test => test is not null)!.Alarm;
        });

        Assert.InRange(alarms, 8, 42);
    }

    [Theory]
    [InlineData(Always)]
    [InlineData(Never)]
    public void The_posts_that_drive_a_planted_topic_are_named(int exactUpToPosts)
    {
        var detector = New(exactUpToPosts);
        Feed(detector, 800, seed: 1);
        Feed(detector, 400, seed: 2, shift: 6, share: 0.1);

        Assert.NotEmpty(detector.State.Driving);
        Assert.All(detector.State.Driving.Take(10), post => Assert.StartsWith("shifted", post.Post, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(400, "exact")]
    [InlineData(399, "random features")]
    public void Windows_up_to_the_set_size_are_tested_over_every_pair(int exactUpToPosts, string method)
    {
        var options = Options with { ReferencePosts = 300, WindowPosts = 100, ExactUpToPosts = exactUpToPosts };
        var detector = new DriftDetector(DriftDetector.NewState("embedding@r1", Dimensions, options), options);

        Assert.Equal(method, Feed(detector, 400, seed: 1).Single().Method);
    }

    [Fact]
    public void Adopting_the_current_window_makes_it_the_normal()
    {
        var detector = New();
        Feed(detector, 800, seed: 1);
        Feed(detector, 800, seed: 2, shift: 3);

        Assert.True(detector.AdoptCurrent());
        var tests = Feed(detector, 800, seed: 5, shift: 3);

        Assert.Equal(2, detector.State.ReferenceVersion);
        Assert.DoesNotContain(tests, test => test.Alarm);
    }

    [Fact]
    public void A_vector_of_another_length_is_refused()
    {
        var detector = New();

        Assert.Throws<ArgumentException>(() => detector.Observe("post", new float[Dimensions + 1], DateTimeOffset.UnixEpoch));
    }

    private static DriftDetector New(int exactUpToPosts = Always) =>
        new(DriftDetector.NewState("embedding@r1", Dimensions, Options), Options with { ExactUpToPosts = exactUpToPosts });

    private static List<DriftTest> Feed(DriftDetector detector, int posts, int seed, float shift = 0, double share = 1)
    {
        var tests = new List<DriftTest>();
        var random = new Random(seed);
        for (var i = 0; i < posts; i++)
        {
            var moved = shift != 0 && random.NextDouble() < share;
            var vector = new float[Dimensions];
            for (var d = 0; d < Dimensions; d++)
                vector[d] = (float)RandomFeatures.Normal(random) + (moved && d == 0 ? shift : 0);
            if (detector.Observe($"{(moved ? "shifted" : "plain")} {i}", vector, DateTimeOffset.UnixEpoch) is { } test)
                tests.Add(test);
        }
        return tests;
    }
}
