using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Managers on one store must agree about the time. What they have in common is the store's server: by its clock each looks at its own, at
/// start, every few seconds, and as soon as the own clock has jumped. While it is wrong by a lease or more this manager does nothing that is
/// due only by the time, and is not ready; what it still decides, such as about replies, it dates by the store's clock.
/// </summary>
internal sealed partial class ClockCheck(
    IMillraceStore store, StoreClock clock, ManagerHealth health, WorkflowManagerOptions options, ILogger<ClockCheck> logger)
{
    private const string Topic = "clock";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan IntervalWhileWrong = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TellPause = TimeSpan.FromMinutes(1);

    private volatile bool _agrees = true;
    private long? _toldAt;

    private TimeSpan Lease => TimeSpan.FromSeconds(options.LeaseSeconds);

    /// <exception cref="StoreException">The clock is wrong by a lease or more: effects would be sent twice all the time.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var off = await LookAsync(cancellationToken);
        if (!_agrees)
            throw new StoreException(StoreFailure.Configuration, $"{Explain(off)} Synchronise both clocks, with NTP for instance, and start again.");
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(_agrees ? Interval : IntervalWhileWrong, clock, cancellationToken);
            try
            {
                await LookAsync(cancellationToken);
            }
            catch (Exception failure) when (Outage.Is(failure) && !cancellationToken.IsCancellationRequested)
            {
                // A store that is away is told of by those who need it, and a jump is looked at before anything that depends on the time.
                LogNotRead(logger, failure);
            }
        }
    }

    /// <summary>To be asked before anything is done because of the time.</summary>
    /// <returns>False while this machine's clock is wrong: then it is left to other managers, or until it is right.</returns>
    /// <exception cref="StoreException">The clock has jumped, and the store's can't be read now.</exception>
    public async ValueTask<bool> AgreesAsync(CancellationToken cancellationToken)
    {
        if (clock.HasJumped)
            await LookAsync(cancellationToken);
        return _agrees;
    }

    /// <returns>By how much this clock is behind the server's, at least; negative if it is ahead.</returns>
    private async Task<TimeSpan> LookAsync(CancellationToken cancellationToken)
    {
        var (asked, started) = (clock.GetOwnNow(), clock.GetTimestamp());
        if (await store.ReadClockAsync(cancellationToken) is not { } there)
            return TimeSpan.Zero;
        // When within the time of the call the server read its clock is not known.
        var off = there - asked;
        var took = clock.GetElapsedTime(started);
        off = off < TimeSpan.Zero ? off : off > took ? off - took : TimeSpan.Zero;
        var agrees = off.Duration() < Lease;
        clock.Set(asked, started, agrees ? TimeSpan.Zero : off);
        Follow(agrees, off);
        return off;
    }

    private void Follow(bool agrees, TimeSpan off)
    {
        health.Halt(Topic, agrees ? null : $"{Explain(off)} Timers, schedules and retention wait, and others' effects are left alone, until "
            + "they agree: synchronise both clocks, with NTP for instance. It goes on by itself.");
        if (agrees != _agrees && agrees)
            LogAgrees(logger, off.TotalSeconds);
        if (off.Duration() > StoreClock.Tolerated && (agrees != _agrees || _toldAt is not { } told || clock.GetElapsedTime(told) >= TellPause))
        {
            _toldAt = clock.GetTimestamp();
            LogOff(logger, off.TotalSeconds);
        }
        _agrees = agrees;
    }

    private string Explain(TimeSpan off) => FormattableString.Invariant(
        $"This machine's clock differs from that of the store's server by {off.TotalSeconds:F1} s, and leases last {options.LeaseSeconds} s (Manager:LeaseSeconds).");

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "This machine's clock is {Seconds:F1} s behind that of the store's server (ahead, if negative): synchronise both, with NTP for instance")]
    private static partial void LogOff(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "This machine's clock agrees with that of the store's server again, to {Seconds:F1} s; what waited goes on")]
    private static partial void LogAgrees(ILogger logger, double seconds);

    [LoggerMessage(Level = LogLevel.Debug, Message = "The clock of the store's server can't be read now")]
    private static partial void LogNotRead(ILogger logger, Exception failure);
}
