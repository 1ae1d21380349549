using System.Globalization;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>What happened to a request: all at once, or as it happens.</summary>
internal static class TimelineApi
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromMinutes(5);

    public static void MapTimeline(this IEndpointRouteBuilder routes)
    {
        var one = routes.MapGroup("/requests/{id:guid}").ProducesProblem(404).RequireAuthorization(AccessRoles.Read);
        one.MapGet("/timeline", GetAsync).WithName("GetTimeline").WithSummary("Everything that happened to a request, oldest first.");
        one.MapGet("/events", StreamAsync).WithName("StreamTimeline")
            .WithSummary("The timeline as server-sent events, until the request has ended; Last-Event-ID goes on where a stream broke off.");
    }

    private static async Task<Results<Ok<TimelineView>, ProblemHttpResult>> GetAsync(
        Guid id, IMillraceStore store, CancellationToken cancellationToken)
    {
        var records = await store.Requests.ReadTimelineAsync(id, 0, cancellationToken);
        return records.Count == 0
            ? Problems.NotFound("request", id.ToString())
            : TypedResults.Ok(new TimelineView(id, [.. records.SelectMany(TimelineCodec.Read)]));
    }

    private static async Task<Results<ServerSentEventsResult<TimelineEventView>, ProblemHttpResult>> StreamAsync(
        Guid id, HttpContext context, IMillraceStore store, RequestFinder requests, CancellationToken cancellationToken)
    {
        if (await requests.FindAsync(id, cancellationToken) is null)
            return Problems.NotFound("request", id.ToString());
        _ = long.TryParse(context.Request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var seen);
        return TypedResults.ServerSentEvents(ReadAsync(id, seen, store, requests, cancellationToken));
    }

    private static async IAsyncEnumerable<SseItem<TimelineEventView>> ReadAsync(
        Guid id, long seen, IMillraceStore store, RequestFinder requests, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var known = seen;
            var request = await requests.WaitAsync(
                id, LongestSilence, found => found.Record.Version > known || found.IsFinished, cancellationToken);
            foreach (var record in await store.Requests.ReadTimelineAsync(id, seen, cancellationToken))
            {
                foreach (var happened in TimelineCodec.Read(record))
                    yield return new SseItem<TimelineEventView>(happened, happened.Kind) { EventId = record.Version.ToString(CultureInfo.InvariantCulture) };
                seen = record.Version;
            }
            if (request is null || (request.IsFinished && seen >= request.Record.Version))
                yield break;
            // A version may come without anything to tell.
            seen = Math.Max(seen, request.Record.Version);
        }
    }
}
