using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Inference;
using Millrace.Language;
using Millrace.PerspectiveClassifier.Calibration;
using Millrace.PerspectiveClassifier.Local;
using Millrace.PerspectiveClassifier.Perspective;
using Millrace.PerspectiveClassifier.Shadow;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>Makes the configured classifiers before anything is consumed, and ends them after everything has stopped.</summary>
internal sealed class ClassifierSetLoader(
    ClassifierOptions options,
    InferenceOptions inference,
    ClassifierSet set,
    CalibrationFiles calibrations,
    LanguageIdentifier identifier,
    TimeProvider clock,
    ClassifierMetrics metrics,
    ILoggerFactory loggers)
    : IHostedLifecycleService, IAsyncDisposable
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        foreach (var (name, instance) in options.Instances)
            set.Add(new NamedClassifier(name, instance, await LoadAsync(name, instance, cancellationToken)));
        calibrations.Look();
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        foreach (var classifier in set.All)
        {
            if (classifier.Provider is IAsyncDisposable asynchronous)
                await asynchronous.DisposeAsync();
            else
                (classifier.Provider as IDisposable)?.Dispose();
        }
    }

    private async Task<IPostClassifier> LoadAsync(string name, ClassifierInstanceOptions instance, CancellationToken cancellationToken)
    {
        if (instance.Provider == ClassifierProvider.Perspective)
            return Remote(name, instance);
        var shadow = instance.Provider == ClassifierProvider.Shadow;
        var local = await OnnxProvider.LoadAsync(instance, inference, calibrated: !shadow, identifier, clock, loggers, cancellationToken);
        if (!shadow)
            return local;
        var tracker = new AgreementTracker(instance.AgreementPairs);
        AgreementGauges.Add(metrics.Meter, name, tracker);
        var secondary = new SecondaryScores(local, TimeSpan.FromSeconds(instance.SecondaryWaitSeconds), instance.MaxSecondaryCalls, clock);
        return new ShadowProvider(Remote(name, instance), local, tracker, secondary, instance.Fallback);
    }

    private PerspectiveProvider Remote(string name, ClassifierInstanceOptions instance) =>
        new(instance.Perspective, instance.Attributes, clock, metrics, Logger(name));

    private ILogger Logger(string name) => loggers.CreateLogger($"Millrace.Classifier.{name}");
}
