using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveClassifier.Local;
using Millrace.PerspectiveClassifier.Shadow;

namespace Millrace.PerspectiveClassifier.Calibration;

/// <summary>
/// Takes over what is written to the classifiers' calibration files: one that was fitted in another replica or by hand holds in all. A file
/// that is of no use is logged and changes nothing.
/// </summary>
internal sealed partial class CalibrationFiles(ClassifierSet set, TimeProvider clock, ILogger<CalibrationFiles> logger) : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Dictionary<string, (DateTime Written, long Length)> _seen = [];
    private readonly Lock _looking = new();

    /// <summary>Reads the files that have changed since the last look.</summary>
    public void Look()
    {
        lock (_looking)
        {
            foreach (var classifier in set.All.Where(classifier => classifier.Options.CalibrationPath is not null))
                Look(classifier, classifier.Options.CalibrationPath!);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            Look();
    }

    private void Look(NamedClassifier classifier, string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || (_seen.TryGetValue(classifier.Name, out var seen) && seen == (file.LastWriteTimeUtc, file.Length)))
            return;
        _seen[classifier.Name] = (file.LastWriteTimeUtc, file.Length);
        try
        {
            var revision = classifier.Provider switch
            {
                ShadowProvider shadow => Unfit(shadow, path),
                OnnxProvider local => Unfit(local, classifier.Name, path),
                _ => null,
            };
            if (revision is not null)
                LogOtherRevision(path, revision, (classifier.Provider as ShadowProvider)?.Local.Revision ?? classifier.Provider.Describe().ModelRevision);
        }
        catch (ConfigurationException wrong)
        {
            LogUnread(wrong);
        }
    }

    /// <returns>The revision that the file is for, if it is another model's.</returns>
    private static string? Unfit(ShadowProvider shadow, string path)
    {
        // What is being fitted here is saved and used before the file is read.
        lock (shadow.Fitting)
        {
            var calibration = CalibrationFile.Read(path);
            return shadow.Calibrate(calibration) ? null : calibration.ModelRevision;
        }
    }

    private string? Unfit(OnnxProvider local, string name, string path)
    {
        var calibration = CalibrationFile.Read(path);
        if (!local.Fits(calibration))
            return calibration.ModelRevision;
        set.Replace(name, local.With(calibration));
        return null;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A calibration is left aside; the local model goes on as it is")]
    private partial void LogUnread(Exception wrong);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was fitted for model revision {Fitted} and the model is {Revision}: it is left aside until one is fitted for it")]
    private partial void LogOtherRevision(string path, string fitted, string revision);
}
