using Microsoft.Extensions.Logging;
using Millrace.Storage.Documents;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>Tells everyone in this process what a commit changed. None of it is needed for a request to go on.</summary>
internal sealed partial class CommitNews(
    DueClock dueClock, RequestWatch watch, RunningCount running, RateGates gates, ResultKeeper keeper, RuntimeMeter meter,
    TimeProvider clock, ILogger<CommitNews> logger)
{
    public void Tell(IReadOnlyList<PreparedChange> changes)
    {
        var keep = new List<CachedResult>();
        foreach (var change in changes)
        {
            var after = change.After;
            watch.Changed(after.Id);
            if (after.Record.DueAt is { } due)
                dueClock.Add(due);
            if (after.State.Parent is null)
                Count(change);
            foreach (var (step, happened) in change.Steps)
                Look(after, step, happened, keep);
        }
        keeper.Keep(keep);
    }

    private void Count(PreparedChange change)
    {
        if (change.HasBegun)
            running.Move(1);
        if (!change.HasFinished)
            return;
        running.Move(-1);
        meter.Finished(change.After.Record);
        RequestTraces.Finished(change.After);
        if (change.After.State is { Status: RequestStatus.Failed, Failure: { } failure })
            LogFailed(logger, change.After.Id, change.After.Definition.Name, change.After.Record.ErrorStep, failure.Type, failure.Message);
        else
            LogFinished(logger, change.After.Id, change.After.Definition.Name, change.After.Record.Status);
    }

    private void Look(RunningRequest request, int step, TimelineEvent happened, List<CachedResult> keep)
    {
        switch (happened)
        {
            case { Kind: TimelineKind.Throttled, Until: { } until }:
                _ = CloseAsync(request.KeyOf(step), until);
                break;
            case { Kind: TimelineKind.Completed, Detail: null } when StepCache.Keep(request, step, clock.GetUtcNow()) is { } result:
                keep.Add(result);
                break;
        }
    }

    private async Task CloseAsync(StepKey step, DateTimeOffset until)
    {
        try
        {
            await gates.CloseAsync(step, until, CancellationToken.None);
        }
        catch (Exception failure)
        {
            // Here the gate is closed all the same; others learn it from their own workers.
            LogNotShared(logger, step, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Request {RequestId} of {Workflow} is {Status}")]
    private static partial void LogFinished(ILogger logger, Guid requestId, string workflow, string status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {RequestId} of {Workflow} failed at step {Step} with {ErrorType}: {Reason}")]
    private static partial void LogFailed(ILogger logger, Guid requestId, string workflow, string? step, string errorType, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Other managers were not told that {Step} is throttled")]
    private static partial void LogNotShared(ILogger logger, StepKey step, Exception failure);
}
