using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier.Tests.Perspective;

/// <summary>Keys, quotas and faults: what stops the calls, for how long, and what becomes of the posts.</summary>
public sealed class PerspectiveQuotaTests : ProviderTest
{
    /// <summary>Google answers a wrong key with 400, none with 403.</summary>
    [Theory]
    [InlineData("wrong", "API_KEY_INVALID")]
    [InlineData(null, "PERMISSION_DENIED")]
    public async Task A_refused_key_stops_everything_and_says_what_to_fix(string? key, string reason)
    {
        await using var server = await Start(new() { ApiKeys = ["right"] });
        using var provider = Provider(server, change: options => options with { ApiKey = key });

        var first = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));
        var second = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));

        Assert.Equal((reason, reason), (first.Reason, second.Reason));
        Assert.Contains("ApiKey", second.Message, StringComparison.Ordinal);
        Assert.InRange(second.RetryAfter.TotalSeconds, 50, 61);
        Assert.Equal(1, server.Statistics.Calls);
        Assert.Contains("ApiKey", provider.Describe().Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", provider.Describe().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_accepted_again_ends_the_problem_whatever_becomes_of_the_text()
    {
        await using var server = await Start(new());
        var clock = new LeapingClock();
        using var provider = Provider(server.BaseUrl, ["TOXICITY"], clock: clock);
        server.Force(403);
        await Classify(provider, "hello", "en");
        Assert.NotNull(provider.Describe().Problem);
        server.Force(0);
        clock.Leap(TimeSpan.FromMinutes(2));

        Assert.Equal("LANGUAGE_DETECTION_FAILED", Assert.IsType<PostClassification.Unlabelled>(await Classify(provider, "12345", null)).Reason);
        Assert.Null(provider.Describe().Problem);
    }

    [Theory]
    [InlineData(403, "SERVICE_DISABLED", "ApiKey")]
    [InlineData(503, "CIRCUIT_OPEN", "fails too often, the last time with INTERNAL")]
    public async Task What_does_not_work_for_an_hour_fails_the_posts_instead_of_holding_them_for_ever(int status, string reason, string message)
    {
        await using var server = await Start(new() { LatencyMs = 1, LatencyJitterMs = 0 });
        var clock = new LeapingClock();
        using var provider = Provider(
            server.BaseUrl, ["TOXICITY"], options => options with { RetryDelayMs = 1, MaxRetries = 0, MaxBreakSeconds = 600 }, clock);
        server.Force(status);
        await provider.ClassifyAsync([.. Enumerable.Range(0, 20).Select(number => new PostToClassify($"{number}", "hello", "en"))], Cancel);
        var early = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));
        Assert.Equal(reason, early.Reason);
        Assert.Contains(message, early.Message, StringComparison.Ordinal);

        clock.Leap(TimeSpan.FromMinutes(61));
        var calls = server.Statistics.Calls;
        var found = new List<PostClassification>();
        while (server.Statistics.Calls == calls || found[^1] is PostClassification.Failed { Reason: "INTERNAL" })
            found.Add(await Classify(provider, "hello", "en"));

        var failed = Assert.IsType<PostClassification.Failed>(await Classify(provider, "hello", "en"));
        Assert.Equal(reason, failed.Reason);
        Assert.Contains("MaxStandstillSeconds", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_without_the_API_stops_everything_too()
    {
        await using var server = await Start(new());
        server.Force(403);
        using var provider = Provider(server);

        Assert.Equal("SERVICE_DISABLED", Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en")).Reason);
        Assert.Contains("SERVICE_DISABLED", provider.Describe().Problem, StringComparison.Ordinal);
    }

    /// <summary>The status is that of a text's own faults, and it would end every post of a run unlabelled.</summary>
    [Fact]
    public async Task What_the_project_lacks_is_no_fault_of_the_text()
    {
        await using var server = await Start(new() { LacksPrecondition = true });
        using var provider = Provider(server);

        Assert.Equal("FAILED_PRECONDITION", Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en")).Reason);
        Assert.Contains("Billing must be enabled", provider.Describe().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_project_with_a_quota_of_nothing_stops_everything_and_says_how_to_get_one()
    {
        await using var server = await Start(new() { WithoutQuota = true });
        using var provider = Provider(server);

        Assert.Equal("QUOTA_IS_ZERO", Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en")).Reason);
        Assert.Contains("Request a quota", provider.Describe().Problem, StringComparison.Ordinal);
        await Classify(provider, "hello", "en");
        Assert.Equal(1, server.Statistics.Calls);
    }

    [Fact]
    public async Task Neither_post_nor_key_is_sent_on_to_where_a_redirect_points()
    {
        await using var elsewhere = await Start(new());
        await using var server = await Start(new() { RedirectTo = elsewhere.BaseUrl });
        using var provider = Provider(server, change: options => options with { ApiKey = "right" });

        Assert.Equal("REDIRECTED", Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en")).Reason);

        Assert.Equal(0, elsewhere.Statistics.Calls);
        Assert.Contains("BaseUrl", provider.Describe().Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_real_quota_is_learned_from_its_refusal()
    {
        await using var server = await Start(new() { PermitsPerMinute = 7 });
        using var provider = Provider(server);
        var found = new List<PostClassification>();
        for (var post = 0; post < 8; post++)
            found.Add(await Classify(provider, $"post {post}", "en"));

        Assert.All(found.Take(7), item => Assert.IsType<PostClassification.Labelled>(item));
        var throttled = Assert.IsType<PostClassification.Throttled>(found[7]);
        Assert.Equal(60, throttled.RetryAfter.TotalSeconds);
        Assert.Equal(new(7, TimeSpan.FromMinutes(1)), provider.Quota);
        Assert.IsType<PostClassification.Throttled>(await Classify(provider, "one more", "en"));
        Assert.Equal(8, server.Statistics.Calls);
    }

    /// <summary>A neighbour of the same project has used the quota up, and the refusal tells its whole size.</summary>
    [Theory]
    [InlineData(5, 60.0, 5, 60)]
    [InlineData(90, 60.0, 80, 60)]
    [InlineData(null, null, 80, 60)]
    [InlineData(1, null, 1, 60)]
    [InlineData(null, 90.0, 60, 90)]
    public async Task A_refusal_makes_no_client_faster_than_what_was_written(int? permits, double? window, int expected, double seconds)
    {
        await using var server = await Start(new() { PermitsPerMinute = 80, LatencyMs = 0, LatencyJitterMs = 0 });
        using var neighbour = Provider(server);
        await neighbour.ClassifyAsync([.. Enumerable.Range(0, 80).Select(number => new PostToClassify($"{number}", "hello", "en"))], Cancel);
        using var provider = Provider(server, change: options => options with { QuotaPermits = permits, QuotaWindowSeconds = window });

        Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));

        Assert.Equal(new(expected, TimeSpan.FromSeconds(seconds)), provider.Quota);
    }

    /// <summary>Half of a call in a window of 0.2 s is one in 0.4 s, and the next refusal must not make that 0.8 s.</summary>
    [Theory]
    [InlineData("AnalyzeRequestsPerProject", 0.4)]
    [InlineData("analyze_requests_perminute", 120)]
    public async Task The_window_of_a_quota_is_read_from_its_name_or_is_the_configured_one(string name, double seconds)
    {
        await using var server = await Start(new() { PermitsPerMinute = 1, QuotaLimitName = name, LatencyMs = 0, LatencyJitterMs = 0 });
        using var provider = Provider(server, change: options => options with { QuotaPermits = 1, QuotaWindowSeconds = 0.2, QuotaShare = 0.5 });

        await Classify(provider, "hello", "en");
        Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));

        Assert.Equal(1, server.Statistics.Refused);
        Assert.Equal(new(1, TimeSpan.FromSeconds(seconds)), provider.Quota);
    }

    [Fact]
    public async Task However_long_the_API_says_to_wait_it_is_asked_again_within_an_hour()
    {
        await using var server = await Start(new() { PermitsPerMinute = 1, RetryAfterSeconds = 86_400 });
        using var provider = Provider(server);
        await Classify(provider, "hello", "en");

        Assert.Equal(TimeSpan.FromHours(1), Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en")).RetryAfter);
    }

    [Fact]
    public async Task A_server_that_says_how_long_it_is_away_is_not_asked_before()
    {
        await using var server = await Start(new() { RetryAfterSeconds = 120, LatencyMs = 0, LatencyJitterMs = 0 });
        var clock = new LeapingClock();
        using var provider = Provider(server.BaseUrl, ["TOXICITY"], options => options with { RetryDelayMs = 1 }, clock);
        server.Force(503);

        var waiting = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));
        Assert.InRange(waiting.RetryAfter.TotalSeconds, 110, 120);
        Assert.Equal("INTERNAL", waiting.Reason);
        Assert.Equal(1, server.Statistics.Calls);

        // Nor is it waited for for ever.
        clock.Leap(TimeSpan.FromMinutes(61));
        Assert.Contains("MaxStandstillSeconds", Assert.IsType<PostClassification.Failed>(await Classify(provider, "hello", "en")).Message, StringComparison.Ordinal);
        Assert.Equal(2, server.Statistics.Calls);
    }

    /// <summary>The time of day is not what a break is measured by.</summary>
    [Fact]
    public async Task A_clock_that_is_set_back_keeps_no_circuit_open()
    {
        await using var server = await Start(new() { LatencyMs = 0, LatencyJitterMs = 0 });
        var clock = new LeapingClock();
        using var provider = Provider(server.BaseUrl, ["TOXICITY"], options => options with { RetryDelayMs = 1, MaxRetries = 0 }, clock);
        server.Force(503);
        await provider.ClassifyAsync([.. Enumerable.Range(0, 20).Select(number => new PostToClassify($"{number}", "hello", "en"))], Cancel);
        Assert.Equal("CIRCUIT_OPEN", Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en")).Reason);

        server.Force(0);
        clock.SetBack(TimeSpan.FromHours(1));
        clock.Leap(TimeSpan.FromMinutes(1));

        Assert.IsType<PostClassification.Labelled>(await Classify(provider, "hello", "en"));
    }

    [Fact]
    public async Task Posts_that_wait_for_their_turn_when_everything_stops_are_handed_back()
    {
        await using var server = await Start(new() { ApiKeys = ["right"], LatencyMs = 0, LatencyJitterMs = 0 });
        using var provider = Provider(server, change: options => options with { QuotaPermits = 1, QuotaWindowSeconds = 2 });

        var found = await provider.ClassifyAsync([.. Enumerable.Range(0, 5).Select(number => new PostToClassify($"{number}", "hello", "en"))], Cancel);

        Assert.All(found, item => Assert.InRange(Assert.IsType<PostClassification.Throttled>(item).RetryAfter.TotalSeconds, 50, 60));
        Assert.Equal(1, server.Statistics.Calls);
    }

    [Theory]
    [InlineData(0.3, 0, 0)]
    [InlineData(0, 0.3, 0)]
    [InlineData(0, 0, 0.3)]
    public async Task Faults_are_tried_again_until_the_post_is_labelled(double error, double truncated, double hang)
    {
        await using var server = await Start(new() { ErrorShare = error, TruncatedShare = truncated, HangShare = hang, LatencyMs = 1, LatencyJitterMs = 0 });
        using var provider = Provider(server, change: options => options with { RetryDelayMs = 1, MaxRetries = 10, CallTimeoutSeconds = 0.5, MaxBreakSeconds = 0.5 });

        var found = await provider.ClassifyAsync([.. Enumerable.Range(0, 40).Select(number => new PostToClassify($"{number}", $"post {number}", "en"))], Cancel);

        var waiting = found.Where(item => item is not PostClassification.Labelled).ToList();
        Assert.All(waiting, item => Assert.Equal("CIRCUIT_OPEN", Assert.IsType<PostClassification.Throttled>(item).Reason));
        // As the manager does: what is told to wait comes again.
        for (var left = waiting.Count; left > 0;)
            left -= await Classify(provider, "once more", "en") is PostClassification.Labelled ? 1 : 0;
        Assert.True(server.Statistics is { Failed: > 0, Scored: >= 40 }, $"{server.Statistics}");
    }

    [Fact]
    public async Task A_server_that_is_down_is_left_alone_and_the_posts_wait()
    {
        await using var server = await Start(new() { LatencyMs = 1, LatencyJitterMs = 0 });
        using var provider = Provider(server, change: options => options with { RetryDelayMs = 1, MaxRetries = 1 });
        server.Force(503);
        var first = await provider.ClassifyAsync([.. Enumerable.Range(0, 60).Select(number => new PostToClassify($"{number}", "hello", "en"))], Cancel);
        var calls = server.Statistics.Calls;

        var later = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));

        Assert.All(first, item => Assert.True(item is PostClassification.Failed or PostClassification.Throttled, $"{item}"));
        Assert.Equal("CIRCUIT_OPEN", later.Reason);
        Assert.InRange(calls, 10, 120);
        Assert.Equal(calls, server.Statistics.Calls);
    }

    [Theory]
    [InlineData("http", false, "UNREACHABLE")]
    [InlineData("https", false, "UNREACHABLE")]
    [InlineData("http", true, "TIMEOUT")]
    public async Task A_server_that_resets_connections_or_drips_its_answer_fails_the_post_for_now(string scheme, bool drips, string reason)
    {
        await using var server = new BrokenServer(drips);
        using var provider = Provider(
            new Uri($"{scheme}://127.0.0.1:{server.Port}"),
            change: options => options with { MaxRetries = 1, RetryDelayMs = 1, CallTimeoutSeconds = 0.5 });

        Assert.Equal(reason, Assert.IsType<PostClassification.Failed>(await Classify(provider, "hello", "en")).Reason);
        Assert.InRange(server.Connections, 2, 10);
    }

    [Fact]
    public async Task Replicas_with_a_share_each_never_take_more_than_the_quota_together()
    {
        await using var server = await Start(new() { PermitsPerMinute = 7 });
        PerspectiveProvider Replica() => Provider(server, change: options => options with { QuotaPermits = 50, QuotaShare = 1.0 / 3 });
        PerspectiveProvider[] replicas = [Replica(), Replica(), Replica()];
        Assert.Equal(48, replicas.Sum(replica => replica.Quota.Permits));

        foreach (var replica in replicas)
        {
            while (await Classify(replica, "hello", "en") is PostClassification.Labelled)
            {
            }
        }

        // One refusal teaches each its share of the real quota.
        Assert.Equal((10, 3), (server.Statistics.Calls, server.Statistics.Refused));
        Assert.Equal(6, replicas.Sum(replica => replica.Quota.Permits));
        Array.ForEach(replicas, replica => replica.Dispose());
    }

    /// <summary>As the worker hands over a message of a batch: its calls go side by side, and no more than may.</summary>
    [Fact]
    public async Task Posts_of_one_message_are_called_side_by_side()
    {
        await using var server = await Start(new() { LatencyMs = 400, LatencyJitterMs = 0 });
        using var provider = Provider(server, change: options => options with { MaxConcurrentCalls = 4 });
        var start = TimeProvider.System.GetTimestamp();

        var found = await provider.ClassifyAsync([.. Enumerable.Range(0, 8).Select(number => new PostToClassify($"{number}", "hello", "en"))], Cancel);

        Assert.All(found, item => Assert.IsType<PostClassification.Labelled>(item));
        // Twice four; one after another they would take 3.2 s, all at once 0.4 s.
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.8, 3);
    }

    [Theory]
    [InlineData(50, 1, 10)]
    [InlineData(60, 60, 20)]
    [InlineData(1, 60, 1_200)]
    public void The_circuit_is_judged_over_enough_calls_of_a_slow_quota(int permits, double window, double seconds) =>
        Assert.Equal(seconds, PerspectiveChannel.Sampling(new(permits, TimeSpan.FromSeconds(window))).TotalSeconds, 3);
}
