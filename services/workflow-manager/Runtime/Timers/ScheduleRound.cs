using System.Collections.Concurrent;
using System.Globalization;
using Cronos;
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
internal sealed class ScheduleRound(WorkflowCatalog catalog, WorkInbox inbox, ScheduleMarks marks, TimeProvider clock)
{
    private const int MaxCatchUp = 1_000;

    private readonly ConcurrentDictionary<string, CronExpression> _parsed = new();
    private readonly ConcurrentDictionary<string, ScheduleMark> _known = new();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        foreach (var definition in catalog.Current)
        {
            if (definition.Schedule is { } schedule)
                await RunAsync(definition, schedule, now, cancellationToken);
        }
    }

    private async Task RunAsync(WorkflowDefinition definition, Schedule schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isFirst = !_known.TryGetValue(definition.Name, out var mark) || mark.Cron != schedule.Cron;
        if (isFirst)
            mark = await marks.FindAsync(definition.Name, schedule.Cron, now, cancellationToken);
        var due = Occurrences(schedule.Cron, mark!.Until, now);
        var chosen = isFirst ? Choose(due, schedule.CatchUp) : due;
        await inbox.RunAsync([.. chosen.Select(tick => Works.Accept(Birth(definition, schedule, tick)))], cancellationToken);
        _known[definition.Name] = mark with { Until = now };
        if (due.Count > 0)
            await marks.SaveAsync(definition.Name, mark with { Until = now }, cancellationToken);
    }

    private List<DateTimeOffset> Occurrences(string cron, DateTimeOffset from, DateTimeOffset to)
    {
        var expression = _parsed.GetOrAdd(cron, CronExpression.Parse);
        var latest = new Queue<DateTimeOffset>();
        foreach (var tick in expression.GetOccurrences(from, to, TimeZoneInfo.Utc, fromInclusive: false, toInclusive: true))
        {
            if (latest.Count == MaxCatchUp)
                latest.Dequeue();
            latest.Enqueue(tick);
        }
        return [.. latest];
    }

    private static List<DateTimeOffset> Choose(List<DateTimeOffset> missed, CatchUp catchUp) => catchUp switch
    {
        CatchUp.None => [],
        CatchUp.Last => missed[^Math.Min(1, missed.Count)..],
        _ => missed,
    };

    private static RequestBirth Birth(WorkflowDefinition definition, Schedule schedule, DateTimeOffset tick)
    {
        var key = "schedule:" + tick.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var id = RequestIds.ForKey(definition.Name, key);
        return new RequestBirth(definition, id, key, schedule.Payload, Priority: null, TraceParents.Of(id));
    }
}
