using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Leases and timers are judged by each manager's own clock, so the clocks of managers on one store must agree. What they have in common
/// is the store's server: by its clock each looks at its own, at start and every minute.
/// </summary>
internal sealed partial class ClockCheck(IMillraceStore store, WorkflowManagerOptions options, TimeProvider clock, ILogger<ClockCheck> logger)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(1);

    /// <exception cref="StoreException">The clock is wrong by a lease or more: effects would be sent twice all the time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var off = await LookAsync(cancellationToken);
        if (off.Duration() >= TimeSpan.FromSeconds(options.LeaseSeconds))
            throw new StoreException(
                StoreFailure.Configuration,
                $"This machine's clock differs from that of the store's server by {off.TotalSeconds:F1} s, and leases last {options.LeaseSeconds} s "
                + "(Manager:LeaseSeconds). Synchronise both clocks, with NTP for instance, and start again.");
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Interval, clock, cancellationToken);
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception failure) when (Outage.Is(failure) && !cancellationToken.IsCancellationRequested)
            {
                // A store that is away is told of by those who need it.
                LogNotRead(logger, failure);
            }
        }
    }

    /// <returns>By how much this clock is behind the server's, at least; negative if it is ahead.</returns>
    private async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        var (asked, started) = (clock.GetUtcNow(), clock.GetTimestamp());
        if (await store.ReadClockAsync(cancellationToken) is not { } there)
            return TimeSpan.Zero;
        // When within the time of the call the server read its clock is not known.
        var off = there - asked;
        var took = clock.GetElapsedTime(started);
        off = off < TimeSpan.Zero ? off : off > took ? off - took : TimeSpan.Zero;
        if (off.Duration() > Tolerated)
            LogOff(logger, off.TotalSeconds);
        return off;
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "This machine's clock is {Seconds:F1} s behind that of the store's server (ahead, if negative): leases and timers are wrong by as much")]
    private static partial void LogOff(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The clock of the store's server can't be read now")]
    private static partial void LogNotRead(ILogger logger, Exception failure);
}
