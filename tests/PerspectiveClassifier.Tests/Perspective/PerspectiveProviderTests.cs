using System.Text.Json;
using Millrace.PerspectiveClassifier.Attributes;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Perspective;

namespace Millrace.PerspectiveClassifier.Tests.Perspective;

/// <summary>What is asked for and what is recorded of a post.</summary>
public sealed class PerspectiveProviderTests : ProviderTest
{
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

    /// <summary>One post asks for what the documents do not name, and the others are written when their turn comes.</summary>
    [Fact]
    public async Task Posts_that_wait_for_their_turn_do_not_ask_again_what_is_refused()
    {
        await using var server = await Start(new() { LatencyMs = 5, LatencyJitterMs = 0 });
        using var provider = Provider(server);

        var found = await provider.ClassifyAsync([.. Enumerable.Range(0, 100).Select(number => new PostToClassify($"{number}", $"Beitrag {number}", "de"))], Cancel);

        Assert.All(found, item => Assert.Equal(6, Assert.IsType<PostClassification.Labelled>(item).Scores.Count));
        Assert.Equal(100 + 15, server.Statistics.Calls);
    }

    [Fact]
    public async Task A_language_that_nothing_is_scored_in_costs_no_calls_once_one_post_has_asked()
    {
        await using var server = await Start(new() { LatencyMs = 0, LatencyJitterMs = 0 });
        using var provider = Provider(server, ["TOXICITY", "SPAM"]);
        await Classify(provider, "Η μέρα είναι ήρεμη.", "el");

        var found = Assert.IsType<PostClassification.Unlabelled>(await Classify(provider, "Άλλη μια ανάρτηση.", "el"));

        Assert.Equal("NO_ATTRIBUTE_AVAILABLE", found.Reason);
        Assert.Equal(2, server.Statistics.Calls);
    }

    [Fact]
    public async Task What_the_API_scores_counts_and_not_what_its_documents_say()
    {
        await using var server = await Start(new() { LatencyMs = 0, LatencyJitterMs = 0, MoreLanguages = ["uk"] });
        using var provider = Provider(server, ["TOXICITY", "SPAM"]);

        foreach (var text in new[] { "Спокійний допис.", "Ще один допис.", "І ще один." })
            Assert.Equal(["TOXICITY"], Assert.IsType<PostClassification.Labelled>(await Classify(provider, text, "uk")).Scores.Keys);

        // SPAM was refused once.
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
}
