using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Claims requests whose time has come and gives them to the commit loop, earliest first, a bounded number at once. What it claimed and
/// could not move is due again when the lease ends, for whichever manager looks then.
/// </summary>
internal sealed partial class DueLoop(
    IMillraceStore store, WorkInbox inbox, DueClock dueClock, UsualDelay delay, UnsentDispatches unsent, WorkflowManagerOptions options,
    StoreClock clock, ClockCheck clocks, ILogger<DueLoop> logger)
{
    private const int MaxSetAside = 10_000;

    private static readonly TimeSpan SetAsideFor = TimeSpan.FromMinutes(1);

    private readonly Dictionary<Guid, long> _setAside = [];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (!await clocks.AgreesAsync(cancellationToken) || await LookAsync(cancellationToken) < options.DueBatch)
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

    /// <returns>How many requests were due.</returns>
    private async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        foreach (var (id, since) in _setAside)
        {
            if (clock.GetElapsedTime(since, started) >= SetAsideFor)
                _setAside.Remove(id);
        }
        var now = clock.GetUtcNow();
        var due = await store.Requests.ClaimDueAsync(now, now.AddSeconds(options.LeaseSeconds), options.DueBatch + _setAside.Count, cancellationToken);
        var works = due.Where(id => !_setAside.ContainsKey(id)).Select(id => Works.Tick(id, delay.Now, unsent.Of)).ToList();
        try
        {
            await inbox.RunAsync(works, cancellationToken);
        }
        catch (Exception failure) when (works.Exists(work => work.Outcome == WorkOutcome.Failed))
        {
            SetAside(works.FindAll(work => work.Outcome == WorkOutcome.Failed), started, failure);
        }
        if (works.Count > 0)
            delay.Add(clock.GetElapsedTime(started));
        return works.Count;
    }

    /// <summary>What can't be read stays due, and earliest of all: it must not hide those behind it.</summary>
    private void SetAside(List<RequestWork> failed, long since, Exception failure)
    {
        LogSetAside(logger, failed.Count, failed[0].RequestId, failure);
        foreach (var work in failed.Take(MaxSetAside - _setAside.Count))
            _setAside[work.RequestId] = since;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Count} due requests, such as {RequestId}, can't go on; they are tried again in a minute")]
    private static partial void LogSetAside(ILogger logger, int count, Guid requestId, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Due requests could not be looked at; trying again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
