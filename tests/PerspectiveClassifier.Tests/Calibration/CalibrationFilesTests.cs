using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Shadow;
using Millrace.PerspectiveEmulator;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests.Calibration;

public sealed class CalibrationFilesTests : IDisposable
{
    private static readonly DateTimeOffset Fitted = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new("calibrations");
    private readonly string _path;

    public CalibrationFilesTests() => _path = Path.Combine(_folder.Path, "calibration.json");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_one_replica_fits_holds_in_another()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { LatencyMs = 0, LatencyJitterMs = 0 }, Cancel);
        await using var one = await StartShadowAsync(remote);
        await using var other = await StartShadowAsync(remote);
        await Shadow(one).ClassifyAsync([.. Enumerable.Range(0, 60).Select(number => new PostToClassify($"{number}", $"hello {number}", "en"))], Cancel);
        using var client = new HttpClient { BaseAddress = one.BaseUrl() };

        using var fitted = await client.PostAsync("/api/classifier/calibration?classifier=both", null, Cancel);
        fitted.EnsureSuccessStatusCode();
        other.Services.GetRequiredService<CalibrationFiles>().Look();

        Assert.Equal(Shadow(one).Calibrated.Calibration!.FittedAt, Shadow(other).Calibrated.Calibration!.FittedAt);
    }

    [Fact]
    public async Task A_local_classifier_goes_on_with_the_file_that_is_there_now()
    {
        Write(Fitted, null);
        using var logs = new ListLogs();
        await using var app = await StartLocalAsync(logs);
        var set = app.Services.GetRequiredService<ClassifierSet>();
        var files = app.Services.GetRequiredService<CalibrationFiles>();

        Write(Fitted.AddDays(1), null);
        files.Look();
        Assert.Equal(Fitted.AddDays(1), set.Find("local")!.Provider.Describe().CalibratedAt);

        Write(Fitted.AddDays(2), "another");
        files.Look();
        await File.WriteAllTextAsync(_path, "{", Cancel);
        files.Look();
        File.Delete(_path);
        files.Look();
        Assert.Equal(Fitted.AddDays(1), set.Find("local")!.Provider.Describe().CalibratedAt);
        Assert.Contains(logs.Entries, entry => entry.Level == LogLevel.Warning && entry.Message.Contains("another", StringComparison.Ordinal));
        Assert.Contains(logs.Entries, entry => entry.Level == LogLevel.Error && entry.Message.Contains(_path, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_files_are_looked_at_again_and_again()
    {
        Write(Fitted, null);
        await using var app = await StartLocalAsync();
        var set = app.Services.GetRequiredService<ClassifierSet>();
        var clock = new ManualClock();
        using var files = new CalibrationFiles(set, clock, NullLogger<CalibrationFiles>.Instance);
        await files.StartAsync(Cancel);
        Write(Fitted.AddDays(1), null);

        while (set.Find("local")!.Provider.Describe().CalibratedAt == Fitted)
        {
            Cancel.ThrowIfCancellationRequested();
            clock.Advance(CalibrationFiles.Interval);
            await Task.Yield();
        }

        await files.StopAsync(Cancel);
    }

    private static ShadowProvider Shadow(WebApplication app) => (ShadowProvider)app.Services.GetRequiredService<ClassifierSet>().Find("both")!.Provider;

    private void Write(DateTimeOffset fitted, string? revision) => new CalibrationFile(
        fitted, revision, new Dictionary<string, AttributeCalibration> { ["TOXICITY"] = new(50, 0, 0, AttributeAgreement.Of([]), [[0, 0], [1, 0.5]]) }).Write(_path);

    private Task<WebApplication> StartLocalAsync(ListLogs? logs = null) => ClassifierFixture.StartAsync(
        new()
        {
            ["Classifier:Instances:local:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
            ["Classifier:Instances:local:CalibrationPath"] = _path,
        },
        logs: logs);

    private Task<WebApplication> StartShadowAsync(PerspectiveServer remote) => ClassifierFixture.StartAsync(new()
    {
        ["Classifier:Instances:both:Provider"] = "Shadow",
        ["Classifier:Instances:both:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "model")),
        ["Classifier:Instances:both:CalibrationPath"] = _path,
        ["Classifier:Instances:both:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
        ["Classifier:Instances:both:Perspective:QuotaPermits"] = "100000",
    });
}
