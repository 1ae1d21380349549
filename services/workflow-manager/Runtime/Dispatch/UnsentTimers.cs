using Microsoft.Extensions.Logging;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Puts off the timers of attempts that this manager has had in hand for long, before they fire: whichever manager sees to a timer then
/// finds that it is not due, and so does who takes over should this one die.
/// </summary>
internal sealed partial class UnsentTimers(
    UnsentDispatches unsent, WorkInbox inbox, WorkflowManagerOptions options, StoreClock clock, ILogger<UnsentTimers> logger)
{
    private const int MaxAtOnce = 1_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>What is in hand for less is on its way as always.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    /// <summary>Longer than it takes until another manager has taken over.</summary>
    private readonly TimeSpan _ahead = 2 * TimeSpan.FromSeconds(options.LeaseSeconds);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, clock, cancellationToken);
            try
            {
                foreach (var due in unsent.FindDue(clock.GetUtcNow() + _ahead, Usual).Chunk(MaxAtOnce))
                    await PutOffAsync(due, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // Such as a store that is away, and then no timer fires either; or one request that can't be read.
                LogFailed(logger, failure);
            }
        }
    }

    private async Task PutOffAsync(IReadOnlyList<UnsentDispatch> due, CancellationToken cancellationToken)
    {
        // For as long again as it has waited: an outage costs each request a few looks, however long it lasts.
        var waits = due.Select(each => Later(clock.GetUtcNow() - each.DispatchedAt, 2 * _ahead)).ToList();
        var works = due.Zip(waits, (each, wait) => Works.Unsent(each.RequestId, each.Dispatch, wait)).ToList();
        try
        {
            await inbox.RunAsync(works, cancellationToken);
        }
        finally
        {
            for (var index = 0; index < works.Count; index++)
            {
                if (works[index].Outcome is WorkOutcome.Saved or WorkOutcome.Unchanged)
                    due[index].Due = clock.GetUtcNow() + Later(due[index].Timeout, waits[index]);
            }
        }
    }

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Timers of attempts that are not sent yet could not be put off; trying again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
