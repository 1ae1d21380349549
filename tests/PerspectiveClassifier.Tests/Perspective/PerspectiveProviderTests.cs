using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Perspective;
using Millrace.PerspectiveEmulator;

namespace Millrace.PerspectiveClassifier.Tests.Perspective;

public sealed class PerspectiveProviderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task All_attributes_come_from_one_call()
    {
        await using var server = await Start(new());
        using var provider = Provider(server);

        var found = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "A calm post.", "en"));

        Assert.Equal(PerspectiveAttributes.Pipeline.Order(), found.Scores.Keys.Order());
        Assert.Empty(found.Unavailable);
        Assert.Equal(1, server.Statistics.Calls);
        using var body = JsonDocument.Parse(server.LastBodies[0]);
        Assert.True(body.RootElement.GetProperty("doNotStore").GetBoolean());
        Assert.Equal("en", body.RootElement.GetProperty("languages")[0].GetString());
    }

    [Fact]
    public async Task A_refused_attribute_is_left_out_the_rest_scored_and_the_refusal_remembered()
    {
        await using var server = await Start(new());
        using var provider = Provider(server, ["TOXICITY", "SPAM", "FLIRTATION"]);

        var first = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "Ein ruhiger Beitrag.", "de"));
        var calls = server.Statistics.Calls;
        var second = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "Noch ein Beitrag.", "de"));

        Assert.Equal(["TOXICITY"], first.Scores.Keys);
        Assert.Equal(["FLIRTATION", "SPAM"], first.Unavailable.Keys.Order());
        Assert.StartsWith("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", first.Unavailable["SPAM"], StringComparison.Ordinal);
        Assert.Equal(3, calls);
        Assert.Equal(first.Unavailable.Keys.Order(), second.Unavailable.Keys.Order());
        Assert.Equal(4, server.Statistics.Calls);
    }

    [Fact]
    public async Task Where_the_API_detects_the_language_one_refusal_brings_back_all_that_is_known_of_it()
    {
        await using var server = await Start(new());
        using var provider = Provider(server);
        await Classify(provider, "Спокойный текст.", null);
        var calls = server.Statistics.Calls;

        var found = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "Ещё один текст.", null));

        Assert.Equal(16, calls);
        Assert.Equal(18, server.Statistics.Calls);
        Assert.Equal(6, found.Scores.Count);
        Assert.Equal(15, found.Unavailable.Count);
    }

    [Fact]
    public async Task A_refusal_of_several_languages_says_nothing_of_each()
    {
        await using var server = await Start(new());
        using var provider = Provider(server, ["TOXICITY", "SPAM"]);

        var mixed = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "A calm text и спокойный текст.", null));
        var english = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "A calm text.", "en"));

        Assert.Equal(["TOXICITY"], mixed.Scores.Keys);
        Assert.Equal(["SPAM", "TOXICITY"], english.Scores.Keys.Order());
    }

    [Theory]
    [InlineData("NICENESS")]
    [InlineData("TOX2")]
    public async Task An_unknown_attribute_is_left_out_for_every_language(string attribute)
    {
        await using var server = await Start(new());
        using var provider = Provider(server, ["TOXICITY", attribute]);

        var found = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "hello", null));
        await Classify(provider, "hello again", "de");

        Assert.StartsWith($"UNKNOWN_ATTRIBUTE: Unknown requested attribute: {attribute}", found.Unavailable[attribute], StringComparison.Ordinal);
        Assert.Equal(3, server.Statistics.Calls);
    }

    [Fact]
    public async Task The_call_says_what_the_options_and_the_post_ask_for()
    {
        await using var server = await Start(new());
        using var provider = Provider(
            new Uri(server.BaseUrl, "/behind/a/gateway/"), ["TOXICITY"], options => options with { SpanAnnotations = true, Languages = ["en", "de"] });

        var found = await provider.ClassifyAsync([new PostToClassify("at://post/1", "two words", "fr", DoNotStore: false, "community", "session")], Cancel);

        using var document = JsonDocument.Parse(server.LastBodies[0]);
        var body = document.RootElement;
        Assert.True(body.GetProperty("doNotStore").GetBoolean());
        Assert.Equal(["en", "de"], body.GetProperty("languages").EnumerateArray().Select(language => language.GetString()));
        Assert.Matches("^[0-9a-f]{32}$", body.GetProperty("clientToken").GetString());
        Assert.DoesNotContain("at://post/1", server.LastBodies[0], StringComparison.Ordinal);
        Assert.True(body.GetProperty("spanAnnotations").GetBoolean());
        var labelled = Assert.IsType<PostClassification.Labelled>(found[0]);
        var score = new SpanProbability(labelled.Scores["TOXICITY"]);
        Assert.Equal([new SpanScore(0, 3, score), new SpanScore(4, 9, score)], labelled.Spans!["TOXICITY"]);
    }

    [Fact]
    public async Task Where_they_are_not_asked_for_no_spans_are_recorded()
    {
        await using var server = await Start(new());
        using var provider = Provider(server);

        Assert.Null(Assert.IsType<PostClassification.Labelled>(await Classify(provider, "two words", "en")).Spans);
        Assert.DoesNotContain("spanAnnotations", server.LastBodies[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_post_without_any_available_attribute_says_so()
    {
        await using var server = await Start(new());
        using var provider = Provider(server, ["SPAM"]);

        var found = Assert.IsType<PostClassification.Unlabelled>(await Classify(provider, "Ein Beitrag.", "de"));

        Assert.Equal("NO_ATTRIBUTE_AVAILABLE", found.Reason);
    }

    [Theory]
    [InlineData("\u2764\u2764", "LANGUAGE_DETECTION_FAILED")]
    [InlineData("   ", "COMMENT_EMPTY")]
    public async Task What_is_the_texts_fault_is_final_with_the_APIs_own_reason(string text, string reason)
    {
        await using var server = await Start(new());
        using var provider = Provider(server);

        Assert.Equal(reason, Assert.IsType<PostClassification.Unlabelled>(await Classify(provider, text, null)).Reason);
        Assert.Equal(1, server.Statistics.Calls);
    }

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

        Assert.Equal(reason, first.Reason);
        Assert.InRange(second.RetryAfter.TotalSeconds, 50, 61);
        Assert.Equal(1, server.Statistics.Calls);
        Assert.Contains("ApiKey", provider.Describe().Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", provider.Describe().Problem, StringComparison.Ordinal);
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

    private static Task<PerspectiveServer> Start(EmulatorOptions options) => PerspectiveServer.StartAsync(options, Cancel);

    private static PerspectiveProvider Provider(
        PerspectiveServer server, IReadOnlyList<string>? attributes = null, Func<PerspectiveOptions, PerspectiveOptions>? change = null) =>
        Provider(server.BaseUrl, attributes, change);

    private static PerspectiveProvider Provider(
        Uri url, IReadOnlyList<string>? attributes = null, Func<PerspectiveOptions, PerspectiveOptions>? change = null)
    {
        var options = new PerspectiveOptions { BaseUrl = url, QuotaPermits = 1_000, QuotaWindowSeconds = 1 };
        return new PerspectiveProvider(
            change?.Invoke(options) ?? options, attributes ?? PerspectiveAttributes.Pipeline, TimeProvider.System, ClassifierFixture.Metrics, NullLogger.Instance);
    }

    private static async Task<PostClassification> Classify(PerspectiveProvider provider, string text, string? language) =>
        (await provider.ClassifyAsync([new PostToClassify("x", text, language)], Cancel))[0];
}
