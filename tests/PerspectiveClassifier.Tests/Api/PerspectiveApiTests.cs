using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Millrace.Language;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Api;

public sealed class PerspectiveApiTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("perspective-api");
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _app = await ClassifierFixture.StartAsync(new() { ["Classifier:Instances:local:Model"] = TinyClassifier.WriteDetoxify(_folder.Path) });
        _client = new HttpClient { BaseAddress = _app.BaseUrl() };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_analysis_answers_in_the_contracts_shape()
    {
        var (status, body) = await Analyze("""
            {"comment":{"text":"hello you idiot","type":"PLAIN_TEXT"},"context":{"entries":[{"text":"before"}]},"languages":["en"],
             "requestedAttributes":{"TOXICITY":{"scoreType":"PROBABILITY"},"PROFANITY":{"scoreThreshold":0.5}},
             "doNotStore":true,"clientToken":"t-1","sessionId":"s","communityId":"c"}
            """);

        Assert.Equal(HttpStatusCode.OK, status);
        var toxicity = body.GetProperty("attributeScores").GetProperty("TOXICITY");
        Assert.Equal(TinyClassifier.High, toxicity.GetProperty("summaryScore").GetProperty("value").GetDouble(), 3);
        Assert.Equal("PROBABILITY", toxicity.GetProperty("summaryScore").GetProperty("type").GetString());
        Assert.Equal(15, Assert.Single(toxicity.GetProperty("spanScores").EnumerateArray()).GetProperty("end").GetInt32());
        Assert.False(body.GetProperty("attributeScores").TryGetProperty("PROFANITY", out _));
        Assert.Equal("t-1", body.GetProperty("clientToken").GetString());
        Assert.Equal("en", body.GetProperty("languages")[0].GetString());
    }

    [Fact]
    public async Task A_field_that_is_null_is_absent_and_both_ways_to_write_a_name_are_read()
    {
        var (status, body) = await Analyze("""
            {"comment":{"text":"hello you idiot","type":null},"context":null,"languages":null,"do_not_store":true,"client_token":"t","span_annotations":null,
             "requested_attributes":{"TOXICITY":{"score_threshold":null,"score_type":"PROBABILITY"},"PROFANITY":{"score_threshold":0.5},"THREAT":null}}
            """);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("TOXICITY", Assert.Single(body.GetProperty("attributeScores").EnumerateObject()).Name);
        Assert.Equal("t", body.GetProperty("clientToken").GetString());
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""["en"]""")]
    public async Task A_text_too_short_to_be_sure_of_is_taken_for_a_language_that_is_served_and_the_guess_is_told_as_it_is(string requested)
    {
        var guess = new LanguageIdentifier().Identify("hej", []);
        Assert.True(guess is { Code: not "en", Confidence: < 0.8 }, $"{guess}");

        var (_, body) = await Analyze($$$"""{"comment":{"text":"hej"},"languages":{{{requested}}},"requestedAttributes":{"TOXICITY":{} } }""");

        Assert.Equal("en", Assert.Single(body.GetProperty("languages").EnumerateArray()).GetString());
        Assert.Equal(guess.Code, Assert.Single(body.GetProperty("detectedLanguages").EnumerateArray()).GetString());
    }

    [Fact]
    public async Task Where_no_language_can_be_told_none_is_said_to_be_detected()
    {
        var (_, body) = await Analyze("""{"comment":{"text":"12345 !"},"languages":["en"],"requestedAttributes":{"TOXICITY":{}}}""");

        Assert.Equal("en", Assert.Single(body.GetProperty("languages").EnumerateArray()).GetString());
        Assert.Empty(body.GetProperty("detectedLanguages").EnumerateArray());
    }

    [Fact]
    public async Task The_discovery_document_offers_what_there_is()
    {
        var document = await _client.GetFromJsonAsync<JsonElement>("/$discovery/rest?version=v1alpha1", TestContext.Current.CancellationToken);

        Assert.False(document.TryGetProperty("batchPath", out _));
        Assert.True(document.GetProperty("resources").GetProperty("comments").GetProperty("methods").TryGetProperty("analyze", out _));
    }

    [Fact]
    public async Task Spans_are_sentences_with_scores_of_their_own()
    {
        var (_, body) = await Analyze("""{"comment":{"text":"Hello world. You idiot!"},"requestedAttributes":{"TOXICITY":{}},"languages":["en"],"spanAnnotations":true}""");

        var spans = body.GetProperty("attributeScores").GetProperty("TOXICITY").GetProperty("spanScores").EnumerateArray()
            .Select(span => (span.GetProperty("begin").GetInt32(), span.GetProperty("end").GetInt32(), span.GetProperty("score").GetProperty("value").GetDouble() > 0.5));

        Assert.Equal([(0, 12, false), (13, 23, true)], spans);
    }

    [Theory]
    [InlineData("""{"comment":{"text":""},"requestedAttributes":{"TOXICITY":{}}}""", "COMMENT_EMPTY", "Comment must be non-empty.")]
    [InlineData("""{"requestedAttributes":{"TOXICITY":{}}}""", "COMMENT_EMPTY", "Comment must be non-empty.")]
    [InlineData("""{"comment":{"text":"hello"}}""", "NO_REQUESTED_ATTRIBUTES", "Missing requested_attributes")]
    [InlineData("""{"comment":{"text":"hello"},"languages":["en"],"requestedAttributes":{"TOXICITY":{},"SPAM":{}}}""", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", "Attribute SPAM does not support request languages: en")]
    [InlineData("""{"comment":{"text":"hello"},"languages":["fr"],"requestedAttributes":{"TOXICITY":{}}}""", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", "Attribute TOXICITY does not support request languages: fr")]
    [InlineData("""{"comment":{"text":"המקום הזה יפה מאוד in summer too"},"requestedAttributes":{"TOXICITY":{}}}""", "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE", "Attribute TOXICITY does not support request languages: he")]
    [InlineData("""{"comment":{"text":"12345 !"},"requestedAttributes":{"TOXICITY":{}}}""", "LANGUAGE_DETECTION_FAILED", "Unable to detect language")]
    [InlineData("""{"comment":{"text":"hello","type":"HTML"},"requestedAttributes":{"TOXICITY":{}}}""", "INVALID_REQUEST", "Currently, only 'PLAIN_TEXT' comments are supported")]
    [InlineData("""{"comment":{"text":"hello"},"languages":["en"],"requestedAttributes":{"TOXICITY":{"scoreType":"RAW"}}}""", "INVALID_REQUEST", "Requested score type RAW is not supported by attribute TOXICITY")]
    public async Task Errors_are_those_of_the_contract(string json, string errorType, string message)
    {
        var (status, body) = await Analyze(json);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        var error = body.GetProperty("error");
        Assert.Equal((400, "INVALID_ARGUMENT", message), (error.GetProperty("code").GetInt32(), error.GetProperty("status").GetString(), error.GetProperty("message").GetString()));
        Assert.Equal(errorType, error.GetProperty("details")[0].GetProperty("errorType").GetString());
    }

    [Fact]
    public async Task A_failure_of_the_runtime_is_an_error_of_ours_in_the_contracts_shape()
    {
        var (status, body) = await Analyze($$"""{"comment":{"text":"hello {{TinyClassifier.Breaking}}"},"languages":["en"],"requestedAttributes":{"TOXICITY":{} } }""");

        Assert.Equal(HttpStatusCode.InternalServerError, status);
        Assert.Equal("INTERNAL", body.GetProperty("error").GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_byte_too_many_is_told_with_both_figures()
    {
        var (_, body) = await Analyze($$$"""{"comment":{"text":"{{{new string('a', 20_481)}}}"},"requestedAttributes":{"TOXICITY":{} } }""");

        Assert.Equal("Comment text was too many bytes. Value (20481) exceeded limit (20480).", body.GetProperty("error").GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"comment":7}""")]
    [InlineData("""{"comment":{"text":"half \ud83d"},"requestedAttributes":{"TOXICITY":{}}}""")]
    [InlineData("""{"comment":{"text":"a"},"requestedAttributes":{"TOXICITY":7}}""")]
    [InlineData("""{"comment":{"text":"a"},"languages":[null],"requestedAttributes":{"TOXICITY":{}}}""")]
    [InlineData("""{"comment":{"text":"a"},"colour":"red","requestedAttributes":{"TOXICITY":{}}}""")]
    [InlineData("""{"comment":{"text":"a"},"requestedAttributes":{"NICENESS":{}}}""")]
    [MemberData(nameof(ContractBodies.Malformed), MemberType = typeof(ContractBodies))]
    public async Task What_is_malformed_is_refused_and_never_an_error_of_ours(string json)
    {
        var (status, body) = await Analyze(json);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("INVALID_ARGUMENT", body.GetProperty("error").GetProperty("status").GetString());
    }

    [Theory]
    [MemberData(nameof(ContractBodies.Good), MemberType = typeof(ContractBodies))]
    public async Task What_proto3_reads_is_read(string json) => Assert.Equal(HttpStatusCode.OK, (await Analyze(json)).Status);

    [Fact]
    public async Task A_suggestion_is_answered_with_its_token_and_languages()
    {
        using var answer = await _client.PostAsync("/v1alpha1/comments:suggestscore?key=k", Json("""
            {"comment":{"text":"you are all so kind to everyone who comes here"},"attributeScores":{"TOXICITY":{"summaryScore":{"value":0.1}}},"languages":["en"],"clientToken":"t"}
            """), TestContext.Current.CancellationToken);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);

        Assert.Equal("t", body.GetProperty("clientToken").GetString());
        Assert.Equal("en", body.GetProperty("requestedLanguages")[0].GetString());
        Assert.Equal("en", body.GetProperty("detectedLanguages")[0].GetString());
    }

    [Theory]
    [InlineData("https://known.example", "https://known.example")]
    [InlineData("https://unknown.example", null)]
    public async Task A_web_page_may_call_if_its_origin_is_listed(string origin, string? allowed)
    {
        await using var app = await ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:local:Model"] = _folder.Path,
            ["Classifier:AllowedOrigins:0"] = "https://known.example",
        });
        using var client = new HttpClient { BaseAddress = app.BaseUrl() };
        client.DefaultRequestHeaders.Add("Origin", origin);

        using var asked = await client.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/v1alpha1/comments:analyze"), TestContext.Current.CancellationToken);
        using var answer = await client.PostAsync("/v1alpha1/comments:analyze", Json("{}"), TestContext.Current.CancellationToken);

        foreach (var response in new[] { asked, answer })
            Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null);
        Assert.Equal(allowed is not null, asked.Headers.Contains("Access-Control-Allow-Methods"));
    }

    [Fact]
    public async Task Without_a_list_no_web_page_is_let_in()
    {
        _client.DefaultRequestHeaders.Add("Origin", "https://known.example");

        using var answer = await _client.PostAsync("/v1alpha1/comments:analyze", Json("{}"), TestContext.Current.CancellationToken);

        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Who_may_not_read_is_told_so_in_Googles_form()
    {
        await using var closed = await ClassifierFixture.StartAsync(new() { ["Classifier:Instances:local:Model"] = _folder.Path }, denied: true);
        using var client = new HttpClient { BaseAddress = closed.BaseUrl() };

        using var answer = await client.PostAsync("/v1alpha1/comments:analyze", Json("{}"), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("PERMISSION_DENIED", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Analyze(string json)
    {
        using var answer = await _client.PostAsync("/v1alpha1/comments:analyze?key=anything", Json(json), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");
}
