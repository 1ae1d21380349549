using Millrace.Contracts.Views;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>Reads requests as the store has them, and waits for them to change.</summary>
internal sealed class RequestFinder(IMillraceStore store, WorkflowCatalog catalog, WhyFinder why, RequestWatch watch, TimeProvider clock)
{
    /// <summary>Another manager's commit wakes nobody here, so the store is looked at in between.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    public async Task<RunningRequest?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        (await store.Requests.LoadAsync([id], cancellationToken))[0] is { } stored
            ? await RunningRequest.ReadAsync(stored, catalog, cancellationToken) : null;

    public async Task<RequestView> ShowAsync(RunningRequest request, CancellationToken cancellationToken) =>
        RequestViews.Show(request, await why.FindAsync(request, cancellationToken));

    /// <summary>The request once it is as wanted, or as it stands when the wait is over; null if there is none.</summary>
    public async Task<RunningRequest?> WaitAsync(
        Guid id, TimeSpan wait, Func<RunningRequest, bool> isWanted, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            using var changes = watch.Subscribe(id);
            var request = await FindAsync(id, cancellationToken);
            var left = wait - clock.GetElapsedTime(started);
            if (request is null || isWanted(request) || left <= TimeSpan.Zero)
                return request;
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(changes.Change, Task.Delay(left < LookAgain ? left : LookAgain, clock, stop.Token));
            await stop.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
