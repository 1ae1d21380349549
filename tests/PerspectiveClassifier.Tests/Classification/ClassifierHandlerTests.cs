using System.Text.Json;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Classification;

namespace Millrace.PerspectiveClassifier.Tests.Classification;

public sealed class ClassifierHandlerTests
{
    private static readonly string[] RecordFields =
    [
        "uri", "text", "was_successfully_labeled", "reason", "label_timestamp", "prob_toxic", "prob_severe_toxic", "prob_identity_attack",
        "prob_insult", "prob_profanity", "prob_threat", "prob_affinity", "prob_compassion", "prob_constructive", "prob_curiosity",
        "prob_nuance", "prob_personal_story", "prob_reasoning", "prob_respect", "prob_alienation", "prob_fearmongering",
        "prob_generalization", "prob_moral_outrage", "prob_scapegoating", "prob_sexually_explicit", "prob_flirtation", "prob_spam",
        "provider", "model_revision",
    ];

    [Fact]
    public async Task The_record_has_every_field_of_the_research_pipelines_record()
    {
        var output = await Handle("""{"uri":"x","text":"hello","language":{"code":"en","confidence":0.9}}""");

        Assert.All(RecordFields, field => Assert.True(output.TryGetProperty(field, out _), field));
        Assert.True(output.GetProperty("was_successfully_labeled").GetBoolean());
        Assert.Equal(JsonValueKind.Null, output.GetProperty("reason").ValueKind);
        Assert.Equal(0.25, output.GetProperty("prob_toxic").GetDouble());
        Assert.Equal(0.5, output.GetProperty("prob_reasoning").GetDouble());
        Assert.Equal(0.5, output.GetProperty("prob_constructive").GetDouble());
        Assert.Equal(JsonValueKind.Null, output.GetProperty("prob_spam").ValueKind);
        Assert.Equal("no model", output.GetProperty("unavailable").GetProperty("SPAM").GetString());
    }

    public static TheoryData<string, string> BadInput => new()
    {
        { "\"\"", "COMMENT_EMPTY" },
        { "\"  \\u200f\\u200e\\u202e \"", "COMMENT_EMPTY" },
        { $"\"{new string('a', 20_481)}\"", "COMMENT_TOO_LONG" },
        { $"\"{string.Concat(Enumerable.Repeat("\U0001f600", 10_000))}\"", "COMMENT_TOO_LONG" },
        { "\"half \\ud83d of it\"", "INVALID_UTF16" },
        { "\"nul \\u0000 inside\"", "INVALID_CHARACTER" },
    };

    [Theory]
    [MemberData(nameof(BadInput))]
    public async Task A_text_that_cannot_be_scored_keeps_its_reason_and_is_not_failed(string text, string reason)
    {
        var output = await Handle($$"""{"uri":"x","text":{{text}}}""");

        Assert.False(output.GetProperty("was_successfully_labeled").GetBoolean());
        Assert.StartsWith(reason + ": ", output.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, output.GetProperty("prob_toxic").ValueKind);
    }

    [Theory]
    [InlineData("""{"id":"half \ud83d","text":"hello"}""", "INVALID_UTF16: ")]
    [InlineData("""{"uri":"x","text":"hello","language":"\ud83d"}""", "INVALID_UTF16: ")]
    [InlineData("""{"uri":"x","text":"hello","language":{"code":"\ud83d","confidence":1}}""", "INVALID_UTF16: ")]
    [InlineData("""{"uri":"x","text":"hello","communityId":"\ud83d"}""", "INVALID_UTF16: ")]
    [InlineData("""{"uri":"x","text":"hello","sessionId":"\ud83d"}""", "INVALID_UTF16: ")]
    [InlineData("""{"text":"hello","\ud83d":1}""", "INVALID_UTF16: ")]
    public async Task A_malformed_field_beside_the_text_is_the_fault_of_its_own_post(string malformed, string reason)
    {
        var results = await RunAll([malformed, """{"uri":"y","text":"hello"}"""], new StaticClassifier(StaticClassifier.Labelled));

        Assert.StartsWith(reason, Output(results[0]).GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.True(Output(results[1]).GetProperty("was_successfully_labeled").GetBoolean());
    }

    [Theory]
    [InlineData("\"en-US\"", "en")]
    [InlineData("\"pt_BR\"", "pt")]
    [InlineData("\"zh-hant-TW\"", "zh")]
    [InlineData("\"hi-Latn\"", "hi-Latn")]
    [InlineData("\"hi_latn_IN\"", "hi-Latn")]
    [InlineData("\"hi-Deva\"", "hi")]
    [InlineData("\"ru-Latn\"", "ru")]
    [InlineData("\"und\"", null)]
    [InlineData("\"\"", null)]
    [InlineData("\"no language\"", null)]
    [InlineData("""{"code":"EN-gb","confidence":0.9}""", "en")]
    [InlineData("""{"code":"en","confidence":0.7}""", null)]
    [InlineData("""{"code":"en"}""", null)]
    [InlineData("""{"code":"en","confidence":"high"}""", null)]
    [InlineData("7", null)]
    public async Task A_language_is_named_as_Perspective_names_it(string language, string? expected)
    {
        var provider = new StaticClassifier(StaticClassifier.Labelled);

        await Run($$"""{"uri":"x","text":"hello","language":{{language}}}""", provider);

        Assert.Equal(expected, Assert.Single(provider.Seen).Language);
    }

    [Fact]
    public async Task Spans_stand_in_the_record_as_the_contract_writes_them()
    {
        var labelled = (PostClassification.Labelled)StaticClassifier.Labelled with
        {
            Spans = new Dictionary<string, IReadOnlyList<SpanScore>> { ["TOXICITY"] = [new(0, 5, new(0.25))] },
        };

        var output = Output(await Run("""{"uri":"x","text":"hello"}""", new StaticClassifier(labelled)));

        Assert.Equal(
            """{"TOXICITY":[{"begin":0,"end":5,"score":{"value":0.25,"type":"PROBABILITY"}}]}""", output.GetProperty("span_scores").GetRawText());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_record_says_that_a_text_was_not_read_to_its_end(bool truncated)
    {
        var labelled = (PostClassification.Labelled)StaticClassifier.Labelled with { Truncated = truncated };

        var record = Output(await Run("""{"uri":"x","text":"hello"}""", new StaticClassifier(labelled)));
        var scores = Output(await Run("""{"text":"hello"}""", new StaticClassifier(labelled), new ClassifierInstanceOptions { Output = ClassifierOutput.Scores }));

        Assert.Equal(truncated, record.TryGetProperty("truncated", out var told) && told.GetBoolean());
        Assert.Equal(truncated, scores.GetProperty("test").TryGetProperty("truncated", out told) && told.ValueKind == JsonValueKind.True);
    }

    [Theory]
    [InlineData("\u200fשלום עולם\u200f")]
    [InlineData("\U0001f600\U0001f600")]
    public async Task Marks_of_direction_and_emoji_are_no_fault(string text) =>
        Assert.True((await Handle(JsonSerializer.Serialize(new { uri = "x", text }))).GetProperty("was_successfully_labeled").GetBoolean());

    [Fact]
    public async Task Exactly_the_limit_is_scored() =>
        Assert.True((await Handle($$"""{"uri":"x","text":"{{new string('a', 20_480)}}"}""")).GetProperty("was_successfully_labeled").GetBoolean());

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("7")]
    public async Task An_input_without_the_field_is_rejected(string json)
    {
        var failed = Assert.IsType<StepResult<object>.Failed>(await Run(json, new StaticClassifier(StaticClassifier.Labelled)));

        Assert.Equal(("TEXT_MISSING", false), (failed.Error.Type, failed.Error.Transient));
    }

    [Fact]
    public async Task Throttled_and_failed_are_the_managers_business()
    {
        var throttled = await Run("""{"uri":"x","text":"a"}""", new StaticClassifier(new PostClassification.Throttled(TimeSpan.FromSeconds(7), "PACED", "the quota")));
        var failed = await Run("""{"uri":"x","text":"a"}""", new StaticClassifier(new PostClassification.Failed("TIMEOUT", "late")));

        Assert.Equal(new StepResult<object>.Throttled(TimeSpan.FromSeconds(7), "PACED: the quota"), throttled);
        Assert.True(Assert.IsType<StepResult<object>.Failed>(failed).Error.Transient);
    }

    [Fact]
    public async Task Scores_of_another_domain_stand_under_the_classifiers_name()
    {
        var provider = new StaticClassifier(StaticClassifier.Labelled);
        var options = new ClassifierInstanceOptions { Output = ClassifierOutput.Scores, TextFields = ["title", "abstract"] };

        var output = Output(await Run("""{"uri":"x","title":"On mills","abstract":"They turn."}""", provider, options));

        Assert.Equal("REASONING_EXPERIMENTAL", output.GetProperty("test").GetProperty("label").GetString());
        Assert.Equal("On mills. They turn.", Assert.Single(provider.Seen).Text);
    }

    private static async Task<JsonElement> Handle(string json) => Output(await Run(json, new StaticClassifier(StaticClassifier.Labelled)));

    private static JsonElement Output(StepResult<object> result) =>
        JsonSerializer.SerializeToElement(Assert.IsType<StepResult<object>.Completed>(result).Output, MillraceJson.Options);

    private static async Task<StepResult<object>> Run(string json, StaticClassifier provider, ClassifierInstanceOptions? options = null) =>
        Assert.Single(await RunAll([json], provider, options));

    private static async Task<IReadOnlyList<StepResult<object>>> RunAll(string[] inputs, StaticClassifier provider, ClassifierInstanceOptions? options = null)
    {
        options ??= new ClassifierInstanceOptions();
        var set = new ClassifierSet();
        set.Add(new NamedClassifier("test", options, provider));
        var handler = new ClassifierHandler(set, "test", options, TimeProvider.System, ClassifierFixture.Metrics);
        return await handler.HandleAsync([.. inputs.Select(input => JsonDocument.Parse(input).RootElement)], TestContext.Current.CancellationToken);
    }
}
