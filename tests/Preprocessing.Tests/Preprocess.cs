using System.Text.Json;
using Millrace.Contracts;
using Millrace.Language;
using Millrace.Preprocessing.Duplicates;
using Millrace.Preprocessing.Rules;

namespace Millrace.Preprocessing.Tests;

/// <summary>Preprocessing of posts written as JSON, with the shipped rules unless others are given.</summary>
internal sealed class Preprocess(string? rules = null)
{
    public static readonly LanguageIdentifier Languages = new();

    private readonly RuleSet _rules = rules is null ? RuleSetReader.Default() : RuleSetReader.Read(rules, "test.yaml");
    private readonly PostPreprocessor _preprocessor = new(Languages, new DuplicateIndex(1_000, TimeProvider.System), 4 << 20);

    public PreprocessedPost Post(string json) =>
        Assert.IsType<StepResult<PreprocessedPost>.Completed>(Try(json)).Output;

    public PreprocessedPost Text(string text, string uri = "at://a/1") =>
        Post(JsonSerializer.Serialize(new { uri, text }));

    public StepError Rejection(string json) =>
        Assert.IsType<StepResult<PreprocessedPost>.Failed>(Try(json)).Error;

    public StepResult<PreprocessedPost> Try(string json)
    {
        using var document = JsonDocument.Parse(json);
        return _preprocessor.Process(document.RootElement, _rules);
    }

    public static RuleVerdict Verdict(PreprocessedPost post, string rule) => Assert.Single(post.Rules, verdict => verdict.Rule == rule);
}
