using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>Reads requests as the store has them, and waits for them to change.</summary>
internal sealed class RequestFinder(IRequestReader store, WorkflowCatalog catalog, WhyFinder why, RequestWatch watch, TimeProvider clock)
{
    /// <summary>Another manager's commit wakes nobody here, so the store is looked at in between.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    /// <exception cref="DamagedRequestException">The store can't load it.</exception>
    public async Task<FoundRequest?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        if (await LoadAsync(id, cancellationToken) is not { } stored)
            return null;
        try
        {
            return new FoundRequest(stored.Record, await RunningRequest.ReadAsync(stored, catalog, cancellationToken), null);
        }
        catch (InvalidDataException failure)
        {
            return new FoundRequest(stored.Record, null, Unreadable.Explain(failure.Message));
        }
    }

    private async Task<StoredRequest?> LoadAsync(Guid id, CancellationToken cancellationToken)
    {
        try
        {
            return (await store.LoadAsync([id], cancellationToken))[0];
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && !Outage.Is(failure))
        {
            throw new DamagedRequestException(id, failure);
        }
    }

    public async Task<RequestView> ShowAsync(FoundRequest found, CancellationToken cancellationToken) => found.Request is { } request
        ? RequestViews.Show(request, await why.FindAsync(request, cancellationToken))
        : RequestViews.ShowUnreadable(found.Record, found.Problem!);

    /// <summary>
    /// How the request stands once that is as wanted, or when the wait is over; null if there is none. Bodies are not read, so that many may
    /// wait for a large request.
    /// </summary>
    public async Task<RequestVersion?> WaitAsync(
        Guid id, TimeSpan wait, Func<RequestVersion, bool> isWanted, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            using var changes = watch.Subscribe(id);
            var version = await store.FindVersionAsync(id, cancellationToken);
            var left = wait - clock.GetElapsedTime(started);
            if (version is not { } found || isWanted(found) || left <= TimeSpan.Zero)
                return version;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changes.Change, Task.Delay(left < LookAgain ? left : LookAgain, clock, stop.Token));
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
