using Microsoft.Extensions.Logging;
using Millrace.DriftMonitor.Sources;
using Millrace.Storage;
using Millrace.Storage.Documents;

namespace Millrace.DriftMonitor.Detection;

/// <summary>All detectors by name, loaded from and saved to the documents of the store; they are seen and changed under one lock, and saved under another.</summary>
public sealed partial class DetectorRegistry(
    IDocumentStore documents, IgnoredVectors ignored, DriftOptions options, TimeProvider time, ILogger<DetectorRegistry> logger) : IDisposable
{
    private readonly DetectorStore _store = new(documents);
    private readonly Dictionary<string, StoredDetector> _detectors = [];
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly SemaphoreSlim _saving = new(1, 1);

    /// <exception cref="StoreException">The store does not answer, or a part of a detector is missing in it.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var (state, log) in await _store.LoadAsync(options.MaxDetectors, cancellationToken))
        {
            Fit(state);
            _detectors[state.Name] = new StoredDetector(new DriftDetector(state, options), log);
        }
    }

    /// <returns>The test that the post completed, or null; null as well if the vector is ignored, which is counted.</returns>
    public async Task<DriftTest?> ObserveAsync(PostVector post, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(_gate, cancellationToken);
        if (post.Vector is not { } vector)
            return Ignore(post.Source, IgnoredReason.Unreadable);
        if (FindOrCreate(post.Detector, vector.Length) is not { } detector)
            return Ignore(post.Source, IgnoredReason.NoRoom);
        if (detector.State.Dimensions != vector.Length)
            return Ignore(post.Detector, IgnoredReason.OtherLength);
        if (detector.Has(post.Post))
            return Ignore(post.Detector, IgnoredReason.Repeated);
        return detector.Observe(post.Post, vector, time.GetUtcNow());
    }

    /// <returns>False if there is no such detector or its current window is not full yet.</returns>
    public async Task<bool> AdoptCurrentAsync(string name, CancellationToken cancellationToken)
    {
        using (await EnterAsync(_gate, cancellationToken))
        {
            if (!_detectors.TryGetValue(name, out var detector) || !detector.AdoptCurrent())
                return false;
        }
        await SaveDueAsync(cancellationToken);
        return true;
    }

    public async Task<T?> ReadAsync<T>(string name, Func<DetectorState, T> read, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(_gate, cancellationToken);
        return _detectors.TryGetValue(name, out var detector) ? read(detector.State) : default;
    }

    public async Task<IReadOnlyList<T>> ReadAllAsync<T>(Func<DetectorState, T> read, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(_gate, cancellationToken);
        return [.. _detectors.Values.Select(detector => read(detector.State))];
    }

    /// <summary>Alarms that are saved and that the broker has not confirmed.</summary>
    public async Task<IReadOnlyList<DriftAlarm>> PendingAlarmsAsync(CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(_gate, cancellationToken);
        return [.. _detectors.Values.SelectMany(detector => detector.SavedAlarms)];
    }

    /// <summary>The broker has the alarm: it is not sent again.</summary>
    public async Task ConfirmAsync(DriftAlarm alarm, CancellationToken cancellationToken)
    {
        using (await EnterAsync(_gate, cancellationToken))
            _detectors[alarm.Detector].Confirm(alarm);
        await SaveDueAsync(cancellationToken);
    }

    /// <summary>Returns once no detector that was due before the call is due any more: whoever waited for another's save finds it done.</summary>
    public Task SaveDueAsync(CancellationToken cancellationToken) => SaveAsync(detector => detector.IsDue(options.SaveEveryPosts), cancellationToken);

    public Task SaveAllAsync(CancellationToken cancellationToken) => SaveAsync(detector => detector.HasChanged, cancellationToken);

    public void Dispose()
    {
        _gate.Dispose();
        _saving.Dispose();
    }

    private async Task SaveAsync(Predicate<StoredDetector> isMeant, CancellationToken cancellationToken)
    {
        if (!await AnyAsync(isMeant, cancellationToken))
            return;
        using var saving = await EnterAsync(_saving, cancellationToken);
        // Several beside each other: the store saves what comes at once in one commit.
        await Parallel.ForEachAsync(
            await SnapshotAsync(isMeant, cancellationToken),
            new ParallelOptions { MaxDegreeOfParallelism = DetectorStore.WritesAtOnce, CancellationToken = cancellationToken },
            async (one, stopping) =>
            {
                await _store.WriteAsync(one.Save, stopping);
                using var held = await EnterAsync(_gate, stopping);
                one.Saved();
            });
    }

    private async Task<bool> AnyAsync(Predicate<StoredDetector> isMeant, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(_gate, cancellationToken);
        return _detectors.Values.Any(detector => isMeant(detector));
    }

    private async Task<IReadOnlyList<(DetectorSave Save, Action Saved)>> SnapshotAsync(Predicate<StoredDetector> isMeant, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(_gate, cancellationToken);
        return [.. _detectors.Values.Where(detector => isMeant(detector)).Select(detector => detector.Snapshot())];
    }

    private DriftTest? Ignore(string name, IgnoredReason reason)
    {
        ignored.Add(name, reason);
        return null;
    }

    private StoredDetector? FindOrCreate(string name, int dimensions)
    {
        if (_detectors.TryGetValue(name, out var detector) || _detectors.Count >= options.MaxDetectors)
            return detector;
        return _detectors[name] = new StoredDetector(new DriftDetector(DriftDetector.NewState(name, dimensions, options), options), new PostLog(dimensions));
    }

    /// <summary>Windows take the size that the settings give now. A full reference is kept as it is: it is what the past tests are about.</summary>
    private void Fit(DetectorState state)
    {
        if (state.Current.Capacity != options.WindowPosts)
        {
            LogWindow(state.Name, state.Current.Capacity, options.WindowPosts);
            state.Current = state.Current.Copy(options.WindowPosts);
        }
        if (state.ReferenceVersion > 1 || state.Reference.Capacity == options.ReferencePosts)
            return;
        if (state.Reference.IsFull)
            LogReferenceKept(state.Name, state.Reference.Capacity, options.ReferencePosts);
        else
            state.Reference = state.Reference.Copy(options.ReferencePosts);
    }

    private static async Task<Exit> EnterAsync(SemaphoreSlim gate, CancellationToken cancellationToken)
    {
        await gate.WaitAsync(cancellationToken);
        return new Exit(gate);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The current window of {Detector} held up to {Old} posts; by the settings it holds {New} from now on")]
    private partial void LogWindow(string detector, int old, int @new);

    [LoggerMessage(Level = LogLevel.Warning, Message =
        "{Detector} keeps its reference of {Old} posts although ReferencePosts is {New}; POST its /reference makes the current window the reference")]
    private partial void LogReferenceKept(string detector, int old, int @new);

    private readonly struct Exit(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
