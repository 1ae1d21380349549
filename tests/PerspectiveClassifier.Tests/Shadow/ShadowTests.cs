using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Shadow;
using Millrace.PerspectiveEmulator;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Shadow;

public sealed class ShadowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("shadow");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Both_score_the_agreement_is_shown_and_a_calibration_fitted_and_saved()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);
        var calibration = Path.Combine(_folder.Path, "calibration.json");
        await using var app = await ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:both:Provider"] = "Shadow",
            ["Classifier:Instances:both:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
            ["Classifier:Instances:both:CalibrationPath"] = calibration,
            ["Classifier:Instances:both:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
            ["Classifier:Instances:both:Perspective:QuotaPermits"] = "100000",
        });
        using var client = new HttpClient { BaseAddress = app.BaseUrl() };
        var provider = app.Services.GetRequiredService<ClassifierSet>().Find("both")!.Provider;

        using var early = await client.PostAsync("/api/classifier/calibration?classifier=both", null, Cancel);
        var found = await provider.ClassifyAsync([.. Enumerable.Range(0, 60).Select(number => new PostToClassify($"{number}", $"hello {(number % 2 == 0 ? "idiot" : "world")} {number}", "en"))], Cancel);
        var agreement = await client.GetFromJsonAsync<JsonElement>("/api/classifier/agreement", Cancel);
        var before = await Analyze(client);
        using var fitted = await client.PostAsync("/api/classifier/calibration?classifier=both", null, Cancel);
        var after = await Analyze(client);

        Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
        Assert.All(found, item => Assert.Equal(["PROFANITY", "TOXICITY"], Assert.IsType<PostClassification.Labelled>(item).Shadow!.Keys.Order()));
        Assert.Equal(21, Assert.IsType<PostClassification.Labelled>(found[0]).Scores.Count);
        var toxicity = agreement.GetProperty("items")[0].GetProperty("attributes").GetProperty("TOXICITY");
        Assert.Equal(60, toxicity.GetProperty("pairs").GetInt32());
        Assert.InRange(toxicity.GetProperty("spearman").GetDouble(), -1, 1);
        Assert.Equal(HttpStatusCode.OK, fitted.StatusCode);
        var saved = CalibrationFile.Read(calibration).Attributes["TOXICITY"];
        Assert.Equal(60, saved.Pairs);
        // The compatible routes are the local model's, with the calibration as soon as there is one.
        Assert.Equal(TinyClassifier.High, before, 3);
        Assert.Equal(new IsotonicCurve(saved.Knots).Apply(TinyClassifier.High), after, 3);
        Assert.NotEqual(before, after, 2);
    }

    [Fact]
    public async Task A_post_in_a_language_that_the_local_model_does_not_score_is_a_miss_and_no_pair()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);
        await using var app = await ClassifierFixture.StartAsync(Settings(remote));
        var shadow = (ShadowProvider)app.Services.GetRequiredService<ClassifierSet>().Find("both")!.Provider;

        var found = await shadow.ClassifyAsync([new PostToClassify("a", "Du Idiot", "de"), new PostToClassify("b", "you idiot", "en")], Cancel);

        Assert.Null(Assert.IsType<PostClassification.Labelled>(found[0]).Shadow);
        Assert.NotNull(Assert.IsType<PostClassification.Labelled>(found[1]).Shadow);
        Assert.Equal(1, shadow.Tracker.Unpaired);
        Assert.Single(shadow.Tracker.Pairs()["TOXICITY"]);
    }

    [Fact]
    public async Task A_calibration_that_cannot_be_written_is_a_problem_that_names_the_path()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);
        var taken = Path.Combine(_folder.Path, "taken");
        await File.WriteAllTextAsync(taken, "no folder", Cancel);
        await using var app = await ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:both:Provider"] = "Shadow",
            ["Classifier:Instances:both:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
            ["Classifier:Instances:both:CalibrationPath"] = Path.Combine(taken, "calibration.json"),
            ["Classifier:Instances:both:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
            ["Classifier:Instances:both:Perspective:QuotaPermits"] = "100000",
        });
        using var client = new HttpClient { BaseAddress = app.BaseUrl() };
        var provider = app.Services.GetRequiredService<ClassifierSet>().Find("both")!.Provider;
        await provider.ClassifyAsync([.. Enumerable.Range(0, 60).Select(number => new PostToClassify($"{number}", $"hello {number}", "en"))], Cancel);

        using var answer = await client.PostAsync("/api/classifier/calibration?classifier=both", null, Cancel);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains(taken, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", LogLevel.Error)]
    [InlineData("""{"fittedAt":"2026-01-01T00:00:00Z","modelRevision":"other","attributes":{"TOXICITY":{"knots":[[0,0.1],[1,0.2]]}}}""", LogLevel.Warning)]
    public async Task A_calibration_of_no_use_is_logged_and_keeps_no_shadow_from_starting_and_fitting_the_next(string text, LogLevel level)
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);
        var calibration = Path.Combine(_folder.Path, "calibration.json");
        await File.WriteAllTextAsync(calibration, text, Cancel);
        using var logs = new ListLogs();
        await using var app = await ClassifierFixture.StartAsync(
            new()
            {
                ["Classifier:Instances:both:Provider"] = "Shadow",
                ["Classifier:Instances:both:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
                ["Classifier:Instances:both:CalibrationPath"] = calibration,
                ["Classifier:Instances:both:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
                ["Classifier:Instances:both:Perspective:QuotaPermits"] = "100000",
            },
            logs: logs);
        using var client = new HttpClient { BaseAddress = app.BaseUrl() };
        var provider = (ShadowProvider)app.Services.GetRequiredService<ClassifierSet>().Find("both")!.Provider;
        Assert.Null(provider.Calibrated.Calibration);
        Assert.Contains(logs.Entries, entry => entry.Level == level && entry.Message.Contains(calibration, StringComparison.Ordinal));
        await provider.ClassifyAsync([.. Enumerable.Range(0, 60).Select(number => new PostToClassify($"{number}", $"hello {number}", "en"))], Cancel);

        using var fitted = await client.PostAsync("/api/classifier/calibration?classifier=both", null, Cancel);

        Assert.Equal(HttpStatusCode.OK, fitted.StatusCode);
        Assert.Equal(provider.Local.Revision, CalibrationFile.Read(calibration).ModelRevision);
        Assert.NotNull(provider.Calibrated.Calibration);
    }

    private Dictionary<string, string?> Settings(PerspectiveServer remote) => new()
    {
        ["Classifier:Instances:both:Provider"] = "Shadow",
        ["Classifier:Instances:both:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
        ["Classifier:Instances:both:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
        ["Classifier:Instances:both:Perspective:QuotaPermits"] = "100000",
    };

    private static async Task<double> Analyze(HttpClient client)
    {
        using var answer = await client.PostAsJsonAsync(
            "/v1alpha1/comments:analyze",
            new { comment = new { text = "you idiot" }, languages = new[] { "en" }, requestedAttributes = new Dictionary<string, object> { ["TOXICITY"] = new { } } },
            Cancel);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
        return body.GetProperty("attributeScores").GetProperty("TOXICITY").GetProperty("summaryScore").GetProperty("value").GetDouble();
    }

    [Fact]
    public void Only_the_last_pairs_are_remembered()
    {
        var tracker = new AgreementTracker(100);
        for (var number = 0; number < 1_000; number++)
            tracker.Add(new Dictionary<string, double> { ["TOXICITY"] = number / 1_000.0 }, new Dictionary<string, double> { ["TOXICITY"] = 0.5, ["THREAT"] = 0.1 });

        var pairs = Assert.Single(tracker.Pairs()).Value;
        Assert.Equal(100, pairs.Count);
        Assert.Equal(0.9, pairs[0].Reference);
    }
}
