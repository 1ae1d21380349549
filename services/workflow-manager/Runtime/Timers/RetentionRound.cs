using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Removes finished requests that are older than their workflow keeps them, and expired cache entries, a few at a time.</summary>
internal sealed class RetentionRound(IMillraceStore store, WorkflowCatalog catalog, WorkflowManagerOptions options, TimeProvider clock)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var definition in catalog.Current)
        {
            if (definition.Retention is { } retention)
                await RepeatAsync(limit => store.Requests.DeleteFinishedAsync(definition.Name, now - retention, limit, cancellationToken));
        }
        await RepeatAsync(limit => store.Results.DeleteExpiredAsync(now, limit, cancellationToken));
    }

    private async Task RepeatAsync(Func<int, Task<int>> delete)
    {
        while (await delete(options.RetentionBatch) >= options.RetentionBatch)
        {
            // Each transaction is small, so that the commits of running requests pass in between.
            await Task.Yield();
        }
    }
}
