using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Finds requests whose time has come and gives them to the commit loop, earliest first, a bounded number at once.</summary>
internal sealed partial class DueLoop(
    IMillraceStore store, WorkInbox inbox, DueClock dueClock, UsualDelay delay, WorkflowManagerOptions options, TimeProvider clock,
    ILogger<DueLoop> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var started = clock.GetTimestamp();
                var due = await store.Requests.FindDueAsync(clock.GetUtcNow(), options.DueBatch, cancellationToken);
                await inbox.RunAsync([.. due.Select(id => Works.Tick(id, delay.Now))], cancellationToken);
                if (due.Count > 0)
                    delay.Add(clock.GetElapsedTime(started));
                if (due.Count < options.DueBatch)
                    await dueClock.WaitAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // A store that fails now is looked at again: timers are late, never lost.
                LogFailed(logger, failure);
                await dueClock.WaitAsync(cancellationToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Due requests could not be looked at; trying again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
