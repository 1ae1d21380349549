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
    public async Task An_unknown_attribute_is_left_out_for_every_language()
    {
        await using var server = await Start(new());
        using var provider = Provider(server, ["TOXICITY", "NICENESS"]);

        var found = Assert.IsType<PostClassification.Labelled>(await Classify(provider, "hello", null));
        await Classify(provider, "hello again", "de");

        Assert.StartsWith("UNKNOWN_ATTRIBUTE: Unknown requested attribute: NICENESS", found.Unavailable["NICENESS"], StringComparison.Ordinal);
        Assert.Equal(3, server.Statistics.Calls);
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

    [Fact]
    public async Task A_refused_key_stops_everything_and_says_what_to_fix()
    {
        await using var server = await Start(new() { ApiKeys = ["right"] });
        using var provider = Provider(server, change: options => options with { ApiKey = "wrong" });

        var first = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));
        var second = Assert.IsType<PostClassification.Throttled>(await Classify(provider, "hello", "en"));

        Assert.Equal("PERMISSION_DENIED", first.Reason);
        Assert.InRange(second.RetryAfter.TotalSeconds, 50, 61);
        Assert.Equal(1, server.Statistics.Calls);
        Assert.Contains("ApiKey", provider.Describe().Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("wrong", provider.Describe().Problem, StringComparison.Ordinal);
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

    [Theory]
    [InlineData(0.3, 0, 0)]
    [InlineData(0, 0.3, 0)]
    [InlineData(0, 0, 0.3)]
    public async Task Faults_are_tried_again_until_the_post_is_labelled(double error, double truncated, double hang)
    {
        await using var server = await Start(new() { ErrorShare = error, TruncatedShare = truncated, HangShare = hang, LatencyMs = 1, LatencyJitterMs = 0 });
        using var provider = Provider(server, change: options => options with { RetryDelayMs = 1, MaxRetries = 10, CallTimeoutSeconds = 0.5 });

        var found = await provider.ClassifyAsync([.. Enumerable.Range(0, 40).Select(number => new PostToClassify($"{number}", $"post {number}", "en"))], Cancel);

        Assert.All(found, item => Assert.True(item is PostClassification.Labelled or PostClassification.Throttled { Reason: "CIRCUIT_OPEN" }, $"{item}"));
        Assert.Contains(found, item => item is PostClassification.Labelled);
        Assert.True(server.Statistics.Calls > 40 || found.Any(item => item is PostClassification.Throttled), $"{server.Statistics}");
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
                Assert.InRange(server.Statistics.Accepted, 1, 7);
        }

        Assert.Equal(6, replicas.Sum(replica => replica.Quota.Permits));
        Array.ForEach(replicas, replica => replica.Dispose());
    }

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
