using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Replies;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>Follows what other managers write: pauses, gates, the number of running requests, and the queues that they have replies sent to.</summary>
internal sealed partial class SharedFacts(
    IMillraceStore store, Pauses pauses, RateGates gates, RunningCount running, ReplyQueues replies, Lines lines, TimeProvider clock,
    ILogger<SharedFacts> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, clock, cancellationToken);
            try
            {
                await RefreshAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // What was known stays in force until the store answers again.
                LogFailed(logger, failure);
            }
        }
    }

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await replies.RefreshAsync(cancellationToken);
        await pauses.RefreshAsync(cancellationToken);
        var counts = await store.Requests.CountAsync(cancellationToken);
        running.Set(counts.Where(count => count is { Step: "", Status: "running" }).Sum(count => count.Count));
        await gates.RefreshAsync(cancellationToken);
        await gates.EmptyAsync(step => HeldSlots.AnyAsync(store, counts, step, cancellationToken), cancellationToken);
        await lines.LookAsync(counts, cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Pauses, gates and counts could not be read")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
