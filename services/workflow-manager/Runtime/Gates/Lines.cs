using Microsoft.Extensions.Logging;
using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Gates;

/// <summary>
/// Closes up the lines of rate limits. Slots are given away when they are asked for, often long before they come: where many of those who hold
/// one were cancelled, or the limit was raised since, the others would wait for nothing.
/// </summary>
internal sealed partial class Lines(
    IMillraceStore store, RateGates gates, StepLimits limits, Resumes resumes, StoreClock clock, ILogger<Lines> logger)
{
    /// <summary>Gaps that last so long are none that close by themselves, such as slots on their way to those that asked.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Of slots that nobody holds, so many are left: telling all is work too.</summary>
    private static readonly TimeSpan Tolerated = TimeSpan.FromSeconds(10);

    private readonly Dictionary<StepKey, TimeSpan> _intervals = [];
    private readonly Dictionary<StepKey, long> _gapsSince = [];

    public async Task LookAsync(IReadOnlyList<RequestCount> counts, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var lines = gates.Lines().Where(line => line.State.ClosedUntil <= now).ToList();
        Forget(lines.Select(line => line.Step));
        foreach (var (step, state) in lines)
        {
            if (WasRaised(step))
                await CloseUpAsync(step, "its rate limit was raised", cancellationToken);
            else if (!HasGaps(step, state, counts, now))
                _gapsSince.Remove(step);
            else if (!_gapsSince.TryAdd(step, clock.GetTimestamp()) && clock.GetElapsedTime(_gapsSince[step]) >= Patience)
                await CloseUpAsync(step, "many of those that held slots are gone", cancellationToken);
        }
    }

    private void Forget(IEnumerable<StepKey> allBut)
    {
        foreach (var gone in _intervals.Keys.Union(_gapsSince.Keys).Except(allBut).ToList())
        {
            _intervals.Remove(gone);
            _gapsSince.Remove(gone);
        }
    }

    private async Task CloseUpAsync(StepKey step, string reason, CancellationToken cancellationToken)
    {
        if (await resumes.TryCloseUpAsync(step, () => gates.CloseUpAsync(step, cancellationToken), cancellationToken))
            LogClosedUp(logger, step.ToString(), reason);
        _gapsSince.Remove(step);
    }

    /// <summary>Since the look before.</summary>
    private bool WasRaised(StepKey step)
    {
        if (limits.Find(step)?.Interval is not { } interval)
            return false;
        var was = _intervals.GetValueOrDefault(step, interval);
        _intervals[step] = interval;
        return interval < was;
    }

    /// <summary>Where counts may be off by what a crash lost, nobody can say.</summary>
    private bool HasGaps(StepKey step, GateState state, IReadOnlyList<RequestCount> counts, DateTimeOffset now)
    {
        var held = counts.Where(count => count.Workflow == step.Workflow && count.Step == step.Step && count.Status == StepStatus.Throttled.Name()).Sum(count => count.Count);
        var gaps = state.Line(state.Interval, now).Count - held;
        return store.CountsAreExact && gaps > Math.Max(2, held / 4) + (Tolerated / state.Interval);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The line at the rate limit of {Step} is closed up: {Reason}")]
    private static partial void LogClosedUp(ILogger logger, string step, string reason);
}
