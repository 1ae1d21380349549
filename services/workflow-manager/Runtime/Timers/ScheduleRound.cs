using System.Collections.Concurrent;
using System.Globalization;
using Cronos;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Runtime.Timers;

/// <summary>
/// Starts the requests of schedules. The occurrence is the request's key, so any number of managers start one request. Up to when
/// occurrences are dealt with is kept, so that a manager that comes knows what fell due while none ran.
/// </summary>
internal sealed partial class ScheduleRound(
    WorkflowCatalog catalog, WorkInbox inbox, ScheduleMarks marks, StoreClock clock, ILogger<ScheduleRound> logger)
{
    private const int MaxCatchUp = 1_000;

    /// <summary>What fell due longer ago was missed: no manager ran, or this one was held up. What is later is merely late.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan SweepPause = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, CronExpression> _parsed = new();
    private readonly ConcurrentDictionary<string, ScheduleMark> _known = new();
    private long? _sweptAt;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var scheduled = catalog.Current.Where(definition => definition.Schedule is not null).ToList();
        foreach (var definition in scheduled)
        {
            try
            {
                await RunAsync(definition, definition.Schedule!, now, cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                LogFailed(definition.Name, failure);
            }
        }
        await ForgetAsync(scheduled.Select(definition => definition.Name), cancellationToken);
    }

    private async Task RunAsync(WorkflowDefinition definition, Schedule schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(definition.Name, out var mark) || mark.Cron != schedule.ToString())
            mark = _known[definition.Name] = await marks.FindAsync(definition.Name, schedule.ToString(), now, cancellationToken);
        // A clock that was set back: what fell due until then is dealt with.
        if (mark.Until >= now)
            return;
        var due = Occurrences(schedule, mark.Until, now);
        var chosen = Choose(due, missed: due.Count(tick => tick <= now - Late), schedule.CatchUp);
        await inbox.RunAsync([.. chosen.Select(tick => Works.Accept(Birth(definition, schedule, tick)))], cancellationToken);
        _known[definition.Name] = mark with { Until = now };
        if (due.Count > 0)
            await marks.SaveAsync(definition.Name, mark with { Until = now }, cancellationToken);
    }

    /// <summary>
    /// A schedule that is no more misses nothing until it comes back. One that was taken away while no manager ran, or that another manager
    /// still followed, is known by its mark alone.
    /// </summary>
    private async Task ForgetAsync(IEnumerable<string> scheduled, CancellationToken cancellationToken)
    {
        var marked = _known.Keys.AsEnumerable();
        if (_sweptAt is not { } swept || clock.GetElapsedTime(swept) >= SweepPause)
        {
            _sweptAt = clock.GetTimestamp();
            marked = await marks.ListAsync(cancellationToken);
        }
        foreach (var workflow in marked.Except(scheduled))
        {
            await marks.DeleteAsync(workflow, cancellationToken);
            _known.TryRemove(workflow, out _);
        }
    }

    /// <remarks>
    /// Where clocks are set forward, a time of day that there is not comes right after the gap; where they are set back, a time of day
    /// that comes twice counts the first time. Schedules of every so many minutes or hours go on as time passes.
    /// </remarks>
    private List<DateTimeOffset> Occurrences(Schedule schedule, DateTimeOffset from, DateTimeOffset to)
    {
        var expression = _parsed.GetOrAdd(schedule.Cron, CronExpression.Parse);
        var zone = schedule.TimeZone is { } name ? TimeZoneInfo.FindSystemTimeZoneById(name) : TimeZoneInfo.Utc;
        var latest = new Queue<DateTimeOffset>();
        foreach (var tick in expression.GetOccurrences(from, to, zone, fromInclusive: false, toInclusive: true))
        {
            if (latest.Count == MaxCatchUp)
                latest.Dequeue();
            latest.Enqueue(tick);
        }
        return [.. latest];
    }

    /// <param name="missed">So many of the oldest were missed.</param>
    private static List<DateTimeOffset> Choose(List<DateTimeOffset> due, int missed, CatchUp catchUp) => catchUp switch
    {
        CatchUp.None => due[missed..],
        CatchUp.Last => due[Math.Min(missed, Math.Max(0, due.Count - 1))..],
        _ => due,
    };

    private static RequestBirth Birth(WorkflowDefinition definition, Schedule schedule, DateTimeOffset tick)
    {
        var key = "schedule:" + tick.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var id = RequestIds.ForKey(definition.Name, key);
        return new RequestBirth(definition, id, key, schedule.Payload, Priority: null, TraceParents.Of(id));
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The schedule of {Workflow} could not be followed; the next round tries again")]
    private partial void LogFailed(string workflow, Exception failure);
}
