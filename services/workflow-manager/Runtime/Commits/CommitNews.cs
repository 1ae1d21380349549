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
    StoreClock clock, ILogger<CommitNews> logger)
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
            CloseGates(after);
            foreach (var (step, happened) in change.Steps)
            {
                if (happened is { Kind: TimelineKind.Completed, Detail: null } && StepCache.Keep(after, step, clock.GetUtcNow()) is { } result)
                    keep.Add(result);
            }
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

    /// <summary>By how it stands, not by what is told: the timeline leaves repeats out. A gate that is closed for as long stays as it is.</summary>
    private void CloseGates(RunningRequest request)
    {
        for (var step = 0; step < request.State.Steps.Length; step++)
        {
            if (request.State.Steps[step] is { Hold: StepHold.Closed, DueAt: { } until } state)
                gates.Close(request.KeyOf(step), until, state.ThrottleReason);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Request {RequestId} of {Workflow} is {Status}")]
    private static partial void LogFinished(ILogger logger, Guid requestId, string workflow, string status);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {RequestId} of {Workflow} failed at step {Step} with {ErrorType}: {Reason}")]
    private static partial void LogFailed(ILogger logger, Guid requestId, string workflow, string? step, string errorType, string reason);
}
