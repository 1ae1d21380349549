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
/// Starts the requests of schedules. The occurrence is the request's key, so any number of managers start one request.
/// What fell due while no manager ran is not made up for.
/// </summary>
internal sealed class ScheduleRound(WorkflowCatalog catalog, WorkInbox inbox, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, CronExpression> _parsed = new();
    private DateTimeOffset _until = clock.GetUtcNow();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var (from, now) = (_until, clock.GetUtcNow());
        var works = new List<RequestWork>();
        foreach (var definition in catalog.Current)
        {
            if (definition.Schedule is not { } schedule)
                continue;
            var cron = _parsed.GetOrAdd(schedule.Cron, CronExpression.Parse);
            foreach (var tick in cron.GetOccurrences(from, now, TimeZoneInfo.Utc, fromInclusive: false, toInclusive: true))
                works.Add(Works.Accept(Birth(definition, schedule, tick)));
        }
        await inbox.RunAsync(works, cancellationToken);
        _until = now;
    }

    private static RequestBirth Birth(WorkflowDefinition definition, Schedule schedule, DateTimeOffset tick)
    {
        var key = "schedule:" + tick.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var id = RequestIds.ForKey(definition.Name, key);
        return new RequestBirth(definition, id, key, schedule.Payload, Priority: null, TraceParents.Of(id));
    }
}
