using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Definitions;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Removes finished requests that are older than their workflow keeps them, and expired cache entries, a few at a time. A workflow
/// that is no longer defined keeps its requests as long as the definition of its newest one says.
/// </summary>
internal sealed partial class RetentionRound(
    IMillraceStore store, WorkflowCatalog catalog, WorkflowManagerOptions options, StoreClock clock, ILogger<RetentionRound> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var workflow in await FindWorkflowsAsync(cancellationToken))
        {
            try
            {
                if (await FindRetentionAsync(workflow, cancellationToken) is { } retention)
                    await RepeatAsync(limit => store.Requests.DeleteFinishedAsync(workflow, now - retention, limit, cancellationToken));
            }
            catch (Exception failure) when (!Outage.Is(failure))
            {
                // Such as a definition that this build can't read: it must not keep the others.
                LogKept(workflow, failure);
            }
        }
        await RepeatAsync(limit => store.Results.DeleteExpiredAsync(now, limit, cancellationToken));
    }

    private async Task<IEnumerable<string>> FindWorkflowsAsync(CancellationToken cancellationToken)
    {
        var stored = await store.Requests.CountAsync(cancellationToken);
        // Where counts may be off, that none is counted does not mean that there is none.
        var known = store.CountsAreExact ? [] : catalog.Current.Select(definition => definition.Name);
        return stored.Where(count => count is { Step: "", Count: > 0 }).Select(count => count.Workflow).Union(known);
    }

    private async Task<TimeSpan?> FindRetentionAsync(string workflow, CancellationToken cancellationToken)
    {
        if (catalog.Find(workflow) is { } current)
            return current.Retention;
        var newest = await store.Requests.ListAsync(new RequestQuery { Workflow = workflow, Limit = 1 }, cancellationToken);
        return newest.Items is [var request] ? (await catalog.FindVersionAsync(request.DefinitionHash, cancellationToken))?.Retention : null;
    }

    private async Task RepeatAsync(Func<int, Task<int>> delete)
    {
        while (await delete(options.RetentionBatch) >= options.RetentionBatch)
        {
            // Each transaction is small, so that the commits of running requests pass in between.
            await Task.Yield();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Finished requests of {Workflow} are kept: their retention can't be found")]
    private partial void LogKept(string workflow, Exception failure);
}
