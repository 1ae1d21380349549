using Microsoft.Extensions.Logging;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Runs the slow rounds: retention, the watchdog and schedules, each at its own pace.</summary>
internal sealed partial class Housekeeping(
    RetentionRound retention, WatchdogRound watchdog, ScheduleRound schedules, WorkflowManagerOptions options, TimeProvider clock,
    ILogger<Housekeeping> logger)
{
    private static readonly TimeSpan ScheduleInterval = TimeSpan.FromSeconds(1);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RepeatAsync("retention", TimeSpan.FromSeconds(options.RetentionIntervalSeconds), retention.RunAsync, cancellationToken),
        RepeatAsync("watchdog", TimeSpan.FromSeconds(options.WatchdogIntervalSeconds), watchdog.RunAsync, cancellationToken),
        RepeatAsync("schedules", ScheduleInterval, schedules.RunAsync, cancellationToken));

    private async Task RepeatAsync(string round, TimeSpan interval, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(interval, clock, cancellationToken);
            try
            {
                await run(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // A round that fails is simply late: the next one does its work.
                LogFailed(logger, round, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A round of {Round} failed; the next one tries again")]
    private static partial void LogFailed(ILogger logger, string round, Exception failure);
}
