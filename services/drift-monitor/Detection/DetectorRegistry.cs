using Millrace.DriftMonitor.Sources;
using Millrace.Storage.Documents;

namespace Millrace.DriftMonitor.Detection;

/// <summary>All detectors by name, loaded from and saved to the documents of the store; every call is under one lock.</summary>
public sealed class DetectorRegistry(IDocumentStore documents, IgnoredVectors ignored, DriftOptions options, TimeProvider time) : IDisposable
{
    private const string Prefix = "drift/";

    private readonly Dictionary<string, DriftDetector> _detectors = [];
    private readonly SemaphoreSlim _gate = new(1, 1);

    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        foreach (var document in await documents.ListAsync(Prefix, options.MaxDetectors, cancellationToken))
        {
            var state = DetectorCodec.Read(document.Body.Span);
            _detectors[state.Name] = new DriftDetector(state, options);
        }
    }

    /// <returns>The test that the post completed, or null; null as well if the vector is ignored, which is counted.</returns>
    public async Task<DriftTest?> ObserveAsync(PostVector post, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(cancellationToken);
        if (post.Vector is not { } vector)
            return Ignore(post.Source, IgnoredReason.Unreadable);
        if (FindOrCreate(post.Detector, vector.Length) is not { } detector)
            return Ignore(post.Source, IgnoredReason.NoRoom);
        if (detector.State.Dimensions != vector.Length)
            return Ignore(post.Detector, IgnoredReason.OtherLength);
        var test = detector.Observe(post.Post, vector, time.GetUtcNow());
        if (test is not null)
            await SaveAsync(detector, cancellationToken);
        return test;
    }

    /// <returns>False if there is no such detector or its current window is not full yet.</returns>
    public async Task<bool> AdoptCurrentAsync(string name, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(cancellationToken);
        if (!_detectors.TryGetValue(name, out var detector) || !detector.AdoptCurrent())
            return false;
        await SaveAsync(detector, cancellationToken);
        return true;
    }

    public async Task<T?> ReadAsync<T>(string name, Func<DetectorState, T> read, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(cancellationToken);
        return _detectors.TryGetValue(name, out var detector) ? read(detector.State) : default;
    }

    public async Task<IReadOnlyList<T>> ReadAllAsync<T>(Func<DetectorState, T> read, CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(cancellationToken);
        return [.. _detectors.Values.Select(detector => read(detector.State))];
    }

    public async Task SaveAllAsync(CancellationToken cancellationToken)
    {
        using var held = await EnterAsync(cancellationToken);
        foreach (var detector in _detectors.Values)
            await SaveAsync(detector, cancellationToken);
    }

    public void Dispose() => _gate.Dispose();

    private DriftTest? Ignore(string name, IgnoredReason reason)
    {
        ignored.Add(name, reason);
        return null;
    }

    private DriftDetector? FindOrCreate(string name, int dimensions)
    {
        if (_detectors.TryGetValue(name, out var detector) || _detectors.Count >= options.MaxDetectors)
            return detector;
        return _detectors[name] = new DriftDetector(DriftDetector.NewState(name, dimensions, options), options);
    }

    private async Task SaveAsync(DriftDetector detector, CancellationToken cancellationToken) =>
        await documents.PutAsync(Prefix + detector.State.Name, DetectorCodec.Write(detector.State), expectedVersion: null, cancellationToken);

    private async Task<Exit> EnterAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        return new Exit(_gate);
    }

    private readonly struct Exit(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
