using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Definitions;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Runtime.Definitions;

/// <summary>
/// Declares the queues of the workflows and brings these into the catalog, so that nothing is lost before the first worker; and again
/// whenever a file of the folder changes. Running requests keep the version they began with.
/// </summary>
internal sealed partial class WorkflowLoader(
    WorkflowCatalog catalog, IMessageBus bus, ManagerHealth health, WorkflowManagerOptions options, TimeProvider clock,
    ILogger<WorkflowLoader> logger) : IDisposable
{
    /// <summary>Whoever asks for an unknown workflow has the folder looked at, but no more often than this.</summary>
    public static readonly TimeSpan LookPause = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _oneLook = new(1);
    private string _fingerprint = "";
    private long? _lookedAt;
    private bool _hadFiles;

    /// <exception cref="ConfigurationException">A file has errors; all of them are named.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        // Taken before the files are read: what changes in between is another change. Kept once nothing is left to be tried again.
        var fingerprint = Fingerprint();
        try
        {
            await PublishAsync(ReadFolder(), cancellationToken);
        }
        catch (ConfigurationException)
        {
            _fingerprint = fingerprint;
            throw;
        }
        _fingerprint = fingerprint;
        _hadFiles = fingerprint.Length > 0;
    }

    /// <summary>What is in force under the name; where nothing is, the folder is looked at first, once for all who ask within a second.</summary>
    public async ValueTask<WorkflowDefinition?> FindAsync(string workflow, CancellationToken cancellationToken)
    {
        if (catalog.Find(workflow) is { } known)
            return known;
        await LookAsync(LookPause, cancellationToken);
        return catalog.Find(workflow);
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (options.WorkflowsFolder is not null)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(options.ReloadIntervalMs), clock, cancellationToken);
            await LookAsync(TimeSpan.Zero, cancellationToken);
        }
    }

    public void Dispose() => _oneLook.Dispose();

    /// <param name="pause">A look that is no older is enough.</param>
    private async Task LookAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        await _oneLook.WaitAsync(cancellationToken);
        try
        {
            if (_lookedAt is { } at && clock.GetElapsedTime(at) < pause)
                return;
            await ReloadAsync(cancellationToken);
            _lookedAt = clock.GetTimestamp();
        }
        finally
        {
            _oneLook.Release();
        }
    }

    private async Task ReloadAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (Fingerprint() == _fingerprint)
                return;
            await LoadAsync(cancellationToken);
            health.Complain("workflows", null);
            LogReloaded(logger, options.WorkflowsFolder);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // A bad edit must not stop what runs: the workflows stay as they were until the file is mended. And what an outage
            // kept from being taken is tried again at the next look.
            health.Complain("workflows", $"The changed workflows are not taken, the old ones stay in force: {failure.Message}");
            LogNotReloaded(logger, failure.Message);
        }
    }

    private DefinitionReading ReadFolder()
    {
        if (options.WorkflowsFolder is not { } folder)
            return new DefinitionReading([], []);
        if (!Directory.Exists(folder))
            throw new ConfigurationException($"The workflows folder '{folder}' does not exist; make it, or name another with Manager:WorkflowsFolder.");
        var reading = WorkflowReader.ReadFolder(folder);
        if (reading.HasErrors)
            throw new ConfigurationException([.. reading.Problems.Select(problem => problem.ToString())]);
        // Rather a folder that is being filled anew than one whose workflows are all given up.
        if (_hadFiles && reading.Definitions.IsEmpty)
            throw new ConfigurationException($"The workflows folder '{folder}' has become empty; put files there, or start again to run without any.");
        foreach (var warning in reading.Problems)
            LogWarning(logger, warning.ToString());
        return reading;
    }

    private async Task PublishAsync(DefinitionReading reading, CancellationToken cancellationToken)
    {
        IReadOnlyList<WorkflowDefinition> definitions = [.. options.Workflows, .. reading.Definitions];
        var steps = definitions.SelectMany(definition => definition.Steps.Concat(definition.Tasks.SelectMany(task => task.Steps)));
        foreach (var queue in steps.Where(step => step.Task is null).Select(step => step.Queue).Distinct())
            await bus.DeclareQueueAsync(queue, cancellationToken);
        await catalog.PublishAsync(definitions, reading.Files.ToDictionary(pair => pair.Key, pair => Path.GetFileName(pair.Value)), cancellationToken);
    }

    private string Fingerprint() =>
        options.WorkflowsFolder is { } folder && Directory.Exists(folder) ? WorkflowReader.Fingerprint(folder) : "";

    [LoggerMessage(Level = LogLevel.Information, Message = "The workflows of {Folder} have changed and are in force")]
    private static partial void LogReloaded(ILogger logger, string? folder);

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed workflows are not taken, the old ones stay in force: {Problems}")]
    private static partial void LogNotReloaded(ILogger logger, string problems);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogWarning(ILogger logger, string problem);
}
