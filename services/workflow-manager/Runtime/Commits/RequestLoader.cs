using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Loads requests together and, where that fails because of one of them, each by itself: one that is damaged in the store, or that this
/// build can't read, keeps nobody from the others.
/// </summary>
internal sealed class RequestLoader(IMillraceStore store, WorkflowCatalog catalog, DamagedRequests damaged)
{
    /// <param name="isStubborn">It has failed for some time: what looks like an outage may be of one request alone.</param>
    /// <returns>In the order of the ids.</returns>
    /// <exception cref="Exception">An <see cref="Outage"/>: none can be loaded now.</exception>
    public async Task<IReadOnlyList<LoadedRequest>> LoadAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken, bool isStubborn = false)
    {
        IReadOnlyList<StoredRequest?> stored;
        try
        {
            stored = await store.Requests.LoadAsync(ids, cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && (isStubborn || !Outage.Is(failure)))
        {
            return await LoadEachAsync(ids, cancellationToken);
        }
        var loaded = new List<LoadedRequest>(ids.Count);
        for (var index = 0; index < ids.Count; index++)
            loaded.Add(await ReadAsync(ids[index], stored[index], cancellationToken));
        return loaded;
    }

    private async Task<IReadOnlyList<LoadedRequest>> LoadEachAsync(IReadOnlyList<Guid> ids, CancellationToken cancellationToken)
    {
        var loaded = new List<LoadedRequest>(ids.Count);
        var failed = new List<(int Index, Exception Failure)>();
        foreach (var id in ids)
        {
            try
            {
                loaded.Add(await ReadAsync(id, (await store.Requests.LoadAsync([id], cancellationToken))[0], cancellationToken));
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                failed.Add((loaded.Count, failure));
                loaded.Add(default);
            }
            // Perhaps an outage after all: there is no need to wait for it as many times as there are requests.
            if (failed.Count == 2 && failed.Count == loaded.Count && Outage.Is(failed[^1].Failure))
                await store.Requests.LoadAsync([Guid.NewGuid()], cancellationToken);
        }
        // Whether the store loads anything now, be it nothing.
        if (failed.Count == ids.Count)
            await store.Requests.LoadAsync([Guid.NewGuid()], cancellationToken);
        foreach (var (index, failure) in failed)
            loaded[index] = new LoadedRequest(ids[index], null, damaged.Note(ids[index], failure));
        return loaded;
    }

    private async Task<LoadedRequest> ReadAsync(Guid id, StoredRequest? stored, CancellationToken cancellationToken)
    {
        damaged.Mended(id);
        if (stored is null)
            return new LoadedRequest(id, null, null);
        try
        {
            return new LoadedRequest(id, await RunningRequest.ReadAsync(stored, catalog, cancellationToken), null);
        }
        catch (InvalidDataException failure)
        {
            return new LoadedRequest(id, null, failure);
        }
    }
}

/// <param name="Request">Null if there is none, or it can't be loaded or read.</param>
/// <param name="Failure">Why it can't.</param>
internal readonly record struct LoadedRequest(Guid Id, RunningRequest? Request, InvalidDataException? Failure);
