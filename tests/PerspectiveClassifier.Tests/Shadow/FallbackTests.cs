using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveEmulator;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Shadow;

/// <summary>From 2027 on the API refuses everybody.</summary>
public sealed class FallbackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("fallback");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_calibrated_local_score_counts_while_the_API_refuses_and_the_record_says_who_scored_and_why()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { ApiKeys = ["right"], LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);
        var calibration = new CalibrationFile(
            DateTimeOffset.UnixEpoch, null, new Dictionary<string, AttributeCalibration> { ["TOXICITY"] = new(50, 0, 0, AttributeAgreement.Of([]), [[0, 0], [1, 0.5]]) });
        calibration.Write(Path.Combine(_folder.Path, "calibration.json"));

        var records = await RecordsAsync(remote, "Secondary", """{"uri":"a","text":"you idiot"}""", """{"uri":"b","text":"hello"}""", """{"uri":"c","text":"Du Idiot","language":"de"}""");

        Assert.All(records, record => Assert.Equal("onnx", record.GetProperty("provider").GetString()));
        Assert.All(records, record => Assert.Contains("API_KEY_INVALID", record.GetProperty("fallback_reason").GetString(), StringComparison.Ordinal));
        Assert.All(records, record => Assert.Equal(DateTimeOffset.UnixEpoch, record.GetProperty("calibrated_at").GetDateTimeOffset()));
        Assert.All(records, record => Assert.Matches("^[0-9a-f]{12}$", record.GetProperty("model_revision").GetString()));
        Assert.Equal(TinyClassifier.High / 2, records[0].GetProperty("prob_toxic").GetDouble(), 3);
        Assert.Equal(TinyClassifier.Low / 2, records[1].GetProperty("prob_toxic").GetDouble(), 3);
        Assert.StartsWith("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE: ", records[2].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_fallback_the_posts_wait()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { ApiKeys = ["right"], LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);

        Assert.Empty(await RecordsAsync(remote, "None", """{"uri":"a","text":"you idiot"}"""));
    }

    [Fact]
    public async Task An_API_that_answers_scores_as_ever()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { ApiKeys = ["wrong"], LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);

        var record = Assert.Single(await RecordsAsync(remote, "Secondary", """{"uri":"a","text":"you idiot","language":"en"}"""));

        Assert.Equal("shadow", record.GetProperty("provider").GetString());
        Assert.False(record.TryGetProperty("fallback_reason", out _));
        Assert.False(record.TryGetProperty("calibrated_at", out _));
        Assert.True(record.TryGetProperty("shadow", out _));
    }

    [Fact]
    public async Task Only_a_shadow_has_something_to_fall_back_on() =>
        Assert.Contains("Fallback", (await Assert.ThrowsAsync<ConfigurationException>(() => ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:a:Model"] = TinyClassifier.WriteDetoxify(_folder.Path),
            ["Classifier:Instances:a:Fallback"] = "Secondary",
        }))).Message, StringComparison.Ordinal);

    private async Task<List<JsonElement>> RecordsAsync(PerspectiveServer remote, string fallback, params string[] inputs)
    {
        await using var app = await ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:both:Provider"] = "Shadow",
            ["Classifier:Instances:both:Fallback"] = fallback,
            ["Classifier:Instances:both:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
            ["Classifier:Instances:both:CalibrationPath"] = Path.Combine(_folder.Path, "calibration.json"),
            ["Classifier:Instances:both:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
            ["Classifier:Instances:both:Perspective:ApiKey"] = "wrong",
            ["Classifier:Instances:both:Perspective:QuotaPermits"] = "100000",
        });
        var set = app.Services.GetRequiredService<ClassifierSet>();
        var handler = new ClassifierHandler(set, "both", set.Find("both")!.Options, TimeProvider.System, ClassifierFixture.Metrics);
        var results = await handler.HandleAsync([.. inputs.Select(input => JsonDocument.Parse(input).RootElement)], Cancel);
        return [.. results.OfType<StepResult<object>.Completed>().Select(result => JsonSerializer.SerializeToElement(result.Output, MillraceJson.Options))];
    }
}
