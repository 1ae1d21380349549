using Millrace.Storage.Requests;

namespace Millrace.Storage.Tests;

/// <summary>A manager that saves requests one after the other, each twice, until it is stopped.</summary>
internal sealed class BusyStore : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Guid> _saved = [];
    private readonly Task _saving;

    private BusyStore(IMillraceStore store, CancellationToken cancellationToken) => _saving = SaveAsync(store.Requests, cancellationToken);

    /// <summary>Returns once the first request is saved.</summary>
    public static async Task<BusyStore> StartAsync(IMillraceStore store, CancellationToken cancellationToken)
    {
        var busy = new BusyStore(store, cancellationToken);
        await Task.WhenAny(busy._begun.Task, busy._saving);
        return busy;
    }

    /// <returns>What was saved, at version 2. Throws if anything could not be.</returns>
    public async Task<IReadOnlyList<Guid>> StopAsync()
    {
        await _stop.CancelAsync();
        await _saving;
        return _saved;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _saving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task SaveAsync(IRequestStore requests, CancellationToken cancellationToken)
    {
        do
        {
            var record = new RequestRecord
            {
                Id = Guid.NewGuid(),
                Workflow = "enrich-post",
                DefinitionHash = "sha256:3f",
                Status = "running",
                CreatedAt = DateTimeOffset.UnixEpoch,
                UpdatedAt = DateTimeOffset.UnixEpoch,
                Version = 1,
                State = new byte[150],
            };
            foreach (var each in new[] { record, record with { Version = 2 } })
                await requests.CommitAsync([new RequestChange { Record = each }], [], "older", DateTimeOffset.UnixEpoch, cancellationToken);
            _saved.Add(record.Id);
            _begun.TrySetResult();
        }
        while (!_stop.IsCancellationRequested);
    }
}
