using Microsoft.Extensions.Logging;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Effects that could not be done while others could, such as a message for a queue that may not be made. They are tried again by
/// themselves, with pauses that grow, and hold nobody up; their ticket stays open, so that nothing else of it is done again.
/// </summary>
internal sealed partial class EffectRetry(
    EffectPerformer performer, SentTickets tickets, UnsentDispatches unsent, EffectQueue queue, RequestReloader requests,
    WorkflowManagerOptions options, TimeProvider clock, ILogger<EffectRetry> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private int _count;

    /// <summary>Effects in hand here.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Take(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        if (effects.Count == 0)
            return;
        if (Interlocked.Add(ref _count, effects.Count) > options.DispatchHighWater)
        {
            // More than may be held here: the outbox holds them, at the price of doing again, now and then, what else is in their commits.
            Interlocked.Add(ref _count, -effects.Count);
            _ = AbandonLaterAsync(effects, cancellationToken);
            return;
        }
        _ = RunAsync(effects, cancellationToken);
    }

    private async Task RunAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var pause = TimeSpan.FromMilliseconds(options.ResendDelayMs);
        try
        {
            while (effects.Count > 0)
            {
                await Task.Delay(pause, clock, cancellationToken);
                pause = TimeSpan.FromTicks(Math.Max(pause.Ticks, Math.Min(pause.Ticks * 2, LongestPause.Ticks)));
                var left = await TryAsync(effects, cancellationToken);
                // A queue that took some has room now and then.
                if (left.Count < effects.Count)
                    pause = TimeSpan.FromMilliseconds(options.ResendDelayMs);
                Interlocked.Add(ref _count, left.Count - effects.Count);
                effects = left;
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping: the outbox keeps them for the next start.
        }
        catch (Exception failure)
        {
            // Such as an outage. Which of them are confirmed is not known, so recovery begins anew with their commits.
            LogGivenBack(logger, effects.Count, failure);
            Interlocked.Add(ref _count, -effects.Count);
            queue.Abandon(effects);
        }
    }

    private async Task<IReadOnlyList<OpenEffect>> TryAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var (wanted, unreadable) = await RefreshAsync(effects, cancellationToken);
        return wanted.Count == 0 ? unreadable : [.. await performer.PerformAsync(wanted, cancellationToken), .. unreadable];
    }

    /// <summary>The requests may have gone on meanwhile, and what they no longer want is done.</summary>
    private async Task<(IReadOnlyList<OpenEffect> Wanted, IReadOnlyList<OpenEffect> Unreadable)> RefreshAsync(
        IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        var (fresh, unreadable) = await requests.ReloadReadableAsync(effects, cancellationToken);
        var wanted = fresh.Where(open => OutboxKeeper.IsWanted(open.Request, open.Effect)).ToList();
        var stays = wanted.Concat(unreadable).Select(open => (open.Request.Id, open.Effect)).ToHashSet();
        foreach (var open in effects.Where(open => !stays.Contains((open.Request.Id, open.Effect))))
        {
            unsent.Remove(open);
            tickets.Confirm(open.Ticket, open.Generation);
        }
        return (wanted, unreadable);
    }

    private async Task AbandonLaterAsync(IReadOnlyList<OpenEffect> effects, CancellationToken cancellationToken)
    {
        await Task.Delay(LongestPause, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!cancellationToken.IsCancellationRequested)
            queue.Abandon(effects);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} effects are left to recovery")]
    private static partial void LogGivenBack(ILogger logger, int count, Exception failure);
}
