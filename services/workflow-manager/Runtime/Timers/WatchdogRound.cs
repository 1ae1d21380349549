using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Looks for requests that have not moved for long, oldest first, and says why, counted by code.</summary>
internal sealed partial class WatchdogRound(
    IMillraceStore store, WorkflowCatalog catalog, WhyFinder why, RuntimeMeter meter, WorkflowManagerOptions options, TimeProvider clock,
    ILogger<WatchdogRound> logger)
{
    private const int PageSize = 200;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var before = clock.GetUtcNow().AddSeconds(-options.StuckAfterSeconds);
        var query = new RequestQuery { Status = "running", OldestFirst = true, CreatedBefore = before, Limit = PageSize };
        var found = new Dictionary<(string Workflow, string Code), (int Count, Guid First, string Sentence)>();
        for (var looked = 0; looked < options.WatchdogMaxRequests; looked += PageSize)
        {
            var page = await store.Requests.ListAsync(query, cancellationToken);
            var stuck = page.Items.Where(request => request.UpdatedAt < before).Select(request => request.Id).ToList();
            foreach (var stored in await store.Requests.LoadAsync(stuck, cancellationToken))
            {
                if (stored is not null)
                    await LookAsync(stored, found, cancellationToken);
            }
            if (page.Next is null)
                break;
            query = query with { After = page.Next };
        }
        foreach (var ((workflow, code), (count, first, sentence)) in found)
        {
            meter.Stuck(workflow, code, count);
            LogStuck(logger, count, workflow, options.StuckAfterSeconds, code, first, sentence);
        }
    }

    private async Task LookAsync(
        StoredRequest stored, Dictionary<(string, string), (int Count, Guid First, string Sentence)> found, CancellationToken cancellationToken)
    {
        var request = await RunningRequest.ReadAsync(stored, catalog, cancellationToken);
        if (await why.FindAsync(request, cancellationToken) is not { } reason)
            return;
        var key = (request.Definition.Name, reason.Code);
        found[key] = found.TryGetValue(key, out var known)
            ? known with { Count = known.Count + 1 } : (1, request.Id, reason.Sentence);
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Count} requests of {Workflow} have not moved for {Seconds} s ({WhyCode}); the oldest is {RequestId}: {Reason}")]
    private static partial void LogStuck(ILogger logger, int count, string workflow, int seconds, string whyCode, Guid requestId, string reason);
}
