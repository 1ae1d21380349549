using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Bodies;
using Millrace.WorkflowManager.Runtime.Ingest;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>Posts in, requests out.</summary>
internal static class RequestsApi
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(5);

    public static void MapRequests(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/workflows/{name}/requests", AcceptAsync).WithName("AcceptRequests")
            .WithSummary("Publish one post, or an array of them; they are saved when the answer comes.")
            .Accepts<object>(Wire.JsonContentType)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(503)
            .BoundSaving().RequireAuthorization(AccessRoles.Ingest);
        routes.MapGet("/requests/{id:guid}", GetAsync).WithName("GetRequest")
            .WithSummary("One request; with wait=30s the answer comes when it has ended, or with If-None-Match when it has changed.")
            .ProducesProblem(400).ProducesProblem(404).RequireAuthorization(AccessRoles.Read).WithMetadata(new LongCall("wait"));
        routes.MapGet("/requests/{id:guid}/steps/{step}/input", GetInputAsync).WithName("GetStepInput")
            .WithSummary("What a step is given: the outputs of its direct dependencies in one object, put together from what is stored.")
            .ProducesProblem(404).ProducesProblem(409).RequireAuthorization(AccessRoles.Read);
        routes.MapGet("/requests", ListAsync).WithName("ListRequests").WithSummary("Requests, newest first.")
            .WithFilterQuery("limit", "after").ProducesProblem(400).RequireAuthorization(AccessRoles.Read);
    }

    private static async Task<Results<Accepted<AcceptedView>, ProblemHttpResult>> AcceptAsync(
        string name, HttpRequest request, IngestDoor door, WorkflowManagerOptions options, CancellationToken cancellationToken,
        [Description("0 to 9; higher goes first where queues know priorities, and 0 leaves it to the workflow")] int priority = 0)
    {
        if (priority is < 0 or > IngestDoor.MaxPriority)
            return Problems.BadRequest("bad-priority", $"priority is {priority}; it must lie between 0 and {IngestDoor.MaxPriority}.");
        try
        {
            var body = await BodyReader.ReadAsync(request, options.MaxBodyBytes, cancellationToken);
            var headers = request.Headers;
            var ingested = new IngestedBody(
                body, headers[Wire.RequestIdHeader].FirstOrDefault(), priority,
                TraceParents.Check(headers[Wire.TraceParentHeader].FirstOrDefault()));
            var ids = await door.AcceptAsync(name, ingested, cancellationToken);
            return TypedResults.Accepted(ids.Count == 1 ? $"/api/requests/{ids[0]}" : null, new AcceptedView(ids));
        }
        catch (RefusedException refusal)
        {
            return Problems.Refused(refusal);
        }
    }

    private static async Task<Results<Ok<RequestView>, StatusCodeHttpResult, ProblemHttpResult>> GetAsync(
        Guid id, string? wait, HttpContext context, RequestFinder requests, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.Zero;
        if (wait is not null && (!Duration.TryParse(wait, out patience) || patience > MaxWait))
            return Problems.BadRequest("bad-wait", $"'{wait}' is no wait; write it like 30s, at most {Duration.Format(MaxWait)}.");
        var known = RequestTags.Parse(context.Request.Headers.IfNoneMatch);
        if (patience > TimeSpan.Zero)
        {
            await requests.WaitAsync(
                id, patience, found => found.IsFinished || (known.Count > 0 && !known.HaveVersion(found.Version)), cancellationToken);
        }
        if (await requests.FindAsync(id, cancellationToken) is not { } request)
            return Problems.NotFound("request", id.ToString());
        var view = await requests.ShowAsync(request, cancellationToken);
        var tag = RequestTags.Of(request.Record.Version, view);
        context.Response.Headers.ETag = tag.ToString();
        return known.Have(tag) ? TypedResults.StatusCode(StatusCodes.Status304NotModified) : TypedResults.Ok(view);
    }

    private static async Task<Results<Ok<JsonBody>, ProblemHttpResult>> GetInputAsync(
        Guid id, string step, RequestFinder requests, CancellationToken cancellationToken)
    {
        if (await requests.FindAsync(id, cancellationToken) is not { } found)
            return Problems.NotFound("request", id.ToString());
        if (found.Request is not { } request)
            return Problems.Conflict("unreadable", found.Problem!);
        if (request.Graph.IndexOf(step) is var index && index < 0)
            return Problems.NotFound("step", step);
        try
        {
            return TypedResults.Ok(new JsonBody(StepInput.Of(request.Definition, request.State, index)));
        }
        catch (Exception failure) when (failure is InvalidOperationException or JsonException)
        {
            return Problems.Conflict("no-input", $"What '{step}' is given is not known yet, or can't be put together: {failure.Message}");
        }
    }

    private static async Task<Results<Ok<RequestListView>, ProblemHttpResult>> ListAsync(
        [AsParameters] RequestFilter filter, RequestSearch search, CancellationToken cancellationToken, int limit = 100, string? after = null)
    {
        if (filter.Check() is { } problem)
            return Problems.BadRequest("bad-filter", problem);
        if (limit is < 1 or > RequestQuery.MaxLimit)
            return Problems.BadRequest("bad-limit", $"limit is {limit}; it must lie between 1 and {RequestQuery.MaxLimit}.");
        try
        {
            var page = await search.ListAsync(filter.ToQuery(limit, after), cancellationToken);
            return TypedResults.Ok(new RequestListView([.. page.Items.Select(RequestViews.Item)], page.Next));
        }
        catch (ArgumentException)
        {
            return Problems.BadRequest("bad-cursor", "after is no cursor of an earlier page.");
        }
    }
}
