using Microsoft.Extensions.Logging;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>Runs the rounds that may take long: retention, the watchdog, schedules and the ends of resumes, each at its own pace.</summary>
internal sealed partial class Housekeeping(
    RetentionRound retention, WatchdogRound watchdog, ScheduleRound schedules, Resumes resumes, ClockCheck clocks,
    WorkflowManagerOptions options, TimeProvider clock, ILogger<Housekeeping> logger)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
        RepeatAsync("retention", TimeSpan.FromSeconds(options.RetentionIntervalSeconds), retention.RunAsync, cancellationToken),
        RepeatAsync("watchdog", TimeSpan.FromSeconds(options.WatchdogIntervalSeconds), watchdog.RunAsync, cancellationToken),
        RepeatAsync("schedules", Second, schedules.RunAsync, cancellationToken),
        RepeatAsync("resumes", Second, resumes.FinishAsync, cancellationToken));

    private async Task RepeatAsync(string round, TimeSpan interval, Func<CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(interval, clock, cancellationToken);
            try
            {
                if (await clocks.AgreesAsync(cancellationToken))
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
