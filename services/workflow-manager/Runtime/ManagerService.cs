using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Replies;
using Millrace.WorkflowManager.Runtime.Suspects;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>
/// The manager's life: know the workflows, start what saves and sends, and only then open the doors; and at the end close the
/// doors first. Between the two nothing here happens.
/// </summary>
internal sealed partial class ManagerService(
    IMessageBus bus,
    WorkflowLoader workflows,
    SharedFacts facts,
    Rehearsal rehearsal,
    CommitLoop commits,
    EffectDispatcher dispatcher,
    OutboxKeeper outbox,
    UnsentTimers unsent,
    Redispatcher redispatcher,
    ClockCheck clocks,
    DueLoop due,
    Housekeeping housekeeping,
    IngestConsumer ingest,
    UnknownConsumer unknown,
    SuspectConsumer suspects,
    ReplyQueues replyQueues,
    ReplyDoors replies,
    WantedConsumer wanted,
    WorkInbox inbox,
    ManagerHealth health,
    ILogger<ManagerService> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _loops = [];
    private readonly List<IAsyncDisposable> _doors = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await clocks.StartAsync(cancellationToken);
        await workflows.LoadAsync(cancellationToken);
        await facts.RefreshAsync(cancellationToken);
        await rehearsal.RunAsync(cancellationToken);
        await replyQueues.TakeAsync(cancellationToken);
        await bus.DeclareQueueAsync(replyQueues.Own, cancellationToken);
        Run(commits.RunAsync);
        Run(dispatcher.RunAsync);
        Run(outbox.RunAsync);
        Run(unsent.RunAsync);
        Run(clocks.RunAsync);
        Run(due.RunAsync);
        Run(facts.RunAsync);
        Run(workflows.RunAsync);
        Run(housekeeping.RunAsync);
        Run(redispatcher.RunAsync);
        _doors.Add(await replies.StartAsync(cancellationToken));
        _doors.Add(await wanted.StartAsync(cancellationToken));
        _doors.Add(await suspects.StartAsync(cancellationToken));
        _doors.Add(await unknown.StartAsync(cancellationToken));
        _doors.Add(await ingest.StartAsync(cancellationToken));
        health.IsOpen = true;
        LogStarted(logger, bus.Description);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        health.IsOpen = false;
        // While the doors close, the loops still finish what came through them.
        foreach (var door in Enumerable.Reverse(_doors))
            await door.DisposeAsync();
        await _stopping.CancelAsync();
        inbox.Close();
        await Task.WhenAll(_loops).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await LeaveAsync(cancellationToken);
    }

    /// <summary>What was sent is forgotten and what was not is free for others at once. Without it they only wait for the lease.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        try
        {
            await commits.FlushAsync(cancellationToken);
            FailPoint.Reach("leave.flushed");
            await outbox.ReleaseAsync(cancellationToken);
            await replyQueues.ReleaseAsync(cancellationToken);
        }
        catch (Exception failure) when (failure is StoreException or IOException or OperationCanceledException)
        {
            LogNotReleased(logger, failure);
        }
    }

    public void Dispose() => _stopping.Dispose();

    private void Run(Func<CancellationToken, Task> loop) => _loops.Add(Task.Run(async () =>
    {
        try
        {
            await loop(_stopping.Token);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        catch (Exception failure)
        {
            // No loop ends by itself: without it the manager would look alive and do nothing.
            LogBroken(logger, loop.Method.DeclaringType!.Name, failure);
            health.Break($"{loop.Method.DeclaringType!.Name} ended: {failure.Message}");
        }
    }));

    [LoggerMessage(Level = LogLevel.Information, Message = "The workflow manager consumes from {Broker}")]
    private static partial void LogStarted(ILogger logger, string broker);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The lease could not be given back; others take over once it has ended")]
    private static partial void LogNotReleased(ILogger logger, Exception failure);

    [LoggerMessage(Level = LogLevel.Critical, Message = "{Loop} ended; the manager is not ready any more")]
    private static partial void LogBroken(ILogger logger, string loop, Exception failure);
}
