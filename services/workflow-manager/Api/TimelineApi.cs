using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Codec;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>What happened to a request: all at once, or as it happens.</summary>
internal static class TimelineApi
{
    public static void MapTimeline(this IEndpointRouteBuilder routes)
    {
        var one = routes.MapGroup("/requests/{id:guid}").ProducesProblem(404).RequireAuthorization(AccessRoles.Read);
        one.MapGet("/timeline", GetAsync).WithName("GetTimeline").WithSummary("Everything that happened to a request, oldest first.");
        one.MapGet("/events", StreamAsync).WithName("StreamTimeline")
            .WithSummary("The timeline as server-sent events, until the request has ended; Last-Event-ID goes on where a stream broke off; 204 if there is nothing more to come.")
            .WithMetadata(new LongCall());
    }

    private static async Task<Results<Ok<TimelineView>, ProblemHttpResult>> GetAsync(
        Guid id, IRequestReader store, CancellationToken cancellationToken)
    {
        var records = await store.ReadTimelineAsync(id, 0, cancellationToken);
        return records.Count == 0
            ? Problems.NotFound("request", id.ToString())
            : TypedResults.Ok(new TimelineView(id, [.. records.SelectMany(TimelineCodec.Read)]));
    }

    private static async Task<Results<ServerSentEventsResult<TimelineEventView?>, NoContent, ProblemHttpResult>> StreamAsync(
        Guid id, HttpContext context, IRequestReader store, RequestFinder requests, CancellationToken cancellationToken)
    {
        if (await store.FindVersionAsync(id, cancellationToken) is not { } request)
            return Problems.NotFound("request", id.ToString());
        var after = TimelineStream.Place.Parse(context.Request.Headers["Last-Event-ID"].ToString(), request.Version);
        var stream = new TimelineStream(id, store, requests);
        // Any other answer would have a browser connect again and again to a request that has ended.
        return await stream.HasMoreAsync(request, after, cancellationToken)
            ? TypedResults.ServerSentEvents(stream.FollowAsync(request, after, cancellationToken))
            : TypedResults.NoContent();
    }
}
