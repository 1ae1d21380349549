using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Reasons;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Looks for requests that have not moved for long, oldest first, and says why, counted by code. A round looks at a bounded number
/// and the next goes on behind them; what was found is told when all have been looked at. Of several managers one walks, the others tell nothing.
/// </summary>
internal sealed partial class WatchdogRound(
    IMillraceStore store, RequestLoader requests, WatchdogLease lease, WhyFinder why, RuntimeMeter meter, WorkflowManagerOptions options, StoreClock clock,
    ILogger<WatchdogRound> logger)
{
    private const int PageSize = 200;

    /// <summary>To pass by requests that have moved costs less than to ask why one has not.</summary>
    private const int PassedForOne = 10;

    private readonly Dictionary<(string Workflow, string Code), (int Count, Guid First, string Sentence)> _found = [];
    private RequestQuery? _walk;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!await lease.TakeAsync(cancellationToken))
        {
            Leave();
            return;
        }
        var before = clock.GetUtcNow().AddSeconds(-options.StuckAfterSeconds);
        for (var looked = 0; looked < options.WatchdogMaxRequests;)
        {
            var query = _walk ?? new RequestQuery { Status = "running", OldestFirst = true, CreatedBefore = before, Limit = PageSize };
            var page = await store.Views.ListAsync(query, cancellationToken);
            var still = page.Items.Where(request => request.UpdatedAt < before).ToList();
            await LookAsync(still, cancellationToken);
            looked += Math.Max(still.Count, PageSize / PassedForOne);
            _walk = page.Next is null ? null : query with { After = page.Next };
            if (_walk is null)
            {
                Tell();
                return;
            }
        }
    }

    private async Task LookAsync(IReadOnlyList<RequestRecord> still, CancellationToken cancellationToken)
    {
        foreach (var (record, found) in still.Zip(await requests.LoadAsync([.. still.Select(request => request.Id)], cancellationToken)))
            await LookAsync(record, found, cancellationToken);
    }

    private async Task LookAsync(RequestRecord record, LoadedRequest found, CancellationToken cancellationToken)
    {
        try
        {
            if ((found.Failure is null ? found.Request : throw found.Failure) is { } request
                && await why.FindAsync(request, cancellationToken) is { } reason)
                Count(record, reason.Code, reason.Sentence);
        }
        catch (Exception failure) when (!Outage.Is(failure))
        {
            // What can't be read nothing moves, and it must not hide those behind it.
            Count(record, WhyCodes.Unreadable, Unreadable.Explain(failure.Message));
        }
    }

    private void Count(RequestRecord record, string code, string sentence)
    {
        var key = (record.Workflow, code);
        _found[key] = _found.TryGetValue(key, out var known) ? known with { Count = known.Count + 1 } : (1, record.Id, sentence);
    }

    private void Leave()
    {
        _found.Clear();
        _walk = null;
        meter.Stuck([]);
    }

    private void Tell()
    {
        meter.Stuck(_found.Select(each => (each.Key.Workflow, each.Key.Code, each.Value.Count)));
        foreach (var ((workflow, code), (count, first, sentence)) in _found)
            LogStuck(logger, count, workflow, options.StuckAfterSeconds, code, first, sentence);
        _found.Clear();
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Count} requests of {Workflow} have not moved for {Seconds} s ({WhyCode}); the oldest is {RequestId}: {Reason}")]
    private static partial void LogStuck(ILogger logger, int count, string workflow, int seconds, string whyCode, Guid requestId, string reason);
}
