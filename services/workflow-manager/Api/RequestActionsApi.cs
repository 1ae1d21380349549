using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Bulk;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>Cancel, redrive and restart: one request, or all that a filter names.</summary>
internal static class RequestActionsApi
{
    private const string FailedItems = "failed";

    public static void MapRequestActions(this IEndpointRouteBuilder routes)
    {
        var one = routes.MapGroup("/requests/{id:guid}").ProducesProblem(404).ProducesProblem(409).ProducesProblem(503).BoundSaving()
            .RequireAuthorization(AccessRoles.Operate);
        one.MapPost("/cancel", CancelAsync).WithName("CancelRequest").WithSummary("End a running request; late replies are recorded and ignored.");
        one.MapPost("/redrive", RedriveAsync).WithName("RedriveRequest").WithSummary("Run again what failed or was cancelled, and all that follows.");
        one.MapPost("/restart", RestartAsync).WithName("RestartRequest").WithSummary("Run again from the named step, whatever became of it; with items=failed only a task's items that did not complete.");
        var many = routes.MapGroup("/requests").ProducesProblem(400).RequireAuthorization(AccessRoles.Operate);
        many.MapPost("/redrive", RedriveManyAsync).WithName("RedriveRequests").WithSummary("Redrive all that match, oldest first; failed ones unless a status is given; with fromStep from that step.")
            .WithFilterQuery("dryRun", "fromStep", "items", "limit", "after");
        many.MapPost("/cancel", CancelManyAsync).WithName("CancelRequests").WithSummary("Cancel all running requests that match, oldest first.")
            .WithFilterQuery("dryRun", "limit", "after");
    }

    private static Task<Results<Ok<RequestView>, ProblemHttpResult>> CancelAsync(
        Guid id, HttpContext context, RequestFinder requests, WorkInbox inbox, CancellationToken cancellationToken) =>
        ActAsync(
            id, requests, inbox, Works.Cancel(id, context.CallerName()),
            request => request.IsFinished ? $"The request is {request.Record.Status} already." : null, cancellationToken);

    private static Task<Results<Ok<RequestView>, ProblemHttpResult>> RedriveAsync(
        Guid id, HttpContext context, RequestFinder requests, WorkInbox inbox, CancellationToken cancellationToken) =>
        ActAsync(
            id, requests, inbox, Works.Redrive(id, null, context.CallerName()),
            request => RedriveRule.Refuse(request.Definition, request.State, null), cancellationToken);

    private static Task<Results<Ok<RequestView>, ProblemHttpResult>> RestartAsync(
        Guid id, string step, HttpContext context, RequestFinder requests, WorkInbox inbox, CancellationToken cancellationToken, string? items = null)
    {
        if (CheckItems(items, step) is { } problem)
            return Task.FromResult<Results<Ok<RequestView>, ProblemHttpResult>>(Problems.BadRequest("bad-items", problem));
        var keepsItems = items == FailedItems;
        return ActAsync(
            id, requests, inbox, Works.Redrive(id, step, context.CallerName(), keepsItems),
            request => RedriveRule.Refuse(request.Definition, request.State, request.Graph.IndexOf(step), keepsItems), cancellationToken);
    }

    private static string? CheckItems(string? items, string? step) => items switch
    {
        null or "all" => null,
        FailedItems when step is not null => null,
        FailedItems => "Name the step that runs the task: fromStep.",
        _ => $"'items' is 'failed' or 'all', not '{items}'.",
    };

    private static async Task<Results<Ok<RequestView>, ProblemHttpResult>> ActAsync(
        Guid id, RequestFinder requests, WorkInbox inbox, RequestWork work, Func<RunningRequest, string?> refuse,
        CancellationToken cancellationToken)
    {
        if (await requests.FindAsync(id, cancellationToken) is not { } before)
            return Problems.NotFound("request", id.ToString());
        if (before.Request is not { } request)
            return Problems.Conflict("unreadable", before.Problem!);
        if (refuse(request) is { } reason)
            return Problems.Conflict("not-possible-now", reason);
        await inbox.RunAsync([work], cancellationToken);
        return await requests.FindAsync(id, cancellationToken) is { } after
            ? TypedResults.Ok(await requests.ShowAsync(after, cancellationToken))
            : Problems.NotFound("request", id.ToString());
    }

    private static Task<Results<Ok<BulkView>, ProblemHttpResult>> RedriveManyAsync(
        [AsParameters] RequestFilter filter, [AsParameters] BulkPage page, HttpContext context, BulkAction bulk, CancellationToken cancellationToken,
        [Description("run again from this step, whatever became of it")] string? fromStep = null,
        [Description("all, or failed: with fromStep only those items of its task that did not complete")] string? items = null) =>
        CheckItems(items, fromStep) is { } problem
            ? Task.FromResult<Results<Ok<BulkView>, ProblemHttpResult>>(Problems.BadRequest("bad-items", problem))
            : ActAsync(
                filter with { Status = filter.Status ?? "failed" }, page, bulk,
                BulkDeed.Redrive(fromStep, context.CallerName(), items == FailedItems), cancellationToken);

    private static async Task<Results<Ok<BulkView>, ProblemHttpResult>> CancelManyAsync(
        [AsParameters] RequestFilter filter, [AsParameters] BulkPage page, HttpContext context, BulkAction bulk, CancellationToken cancellationToken) =>
        filter.Status is null or "running"
            ? await ActAsync(filter with { Status = "running" }, page, bulk, BulkDeed.Cancel(context.CallerName()), cancellationToken)
            : Problems.BadRequest("bad-filter", "Only running requests can be cancelled.");

    private static async Task<Results<Ok<BulkView>, ProblemHttpResult>> ActAsync(
        RequestFilter filter, BulkPage page, BulkAction bulk, BulkDeed deed, CancellationToken cancellationToken)
    {
        if ((filter.Check() ?? page.Check()) is { } problem)
            return Problems.BadRequest("bad-filter", problem);
        var query = filter.ToQuery(page.Limit ?? BulkAction.PageSize, page.After, oldestFirst: true);
        try
        {
            return TypedResults.Ok(await bulk.RunAsync(query, deed, page.DryRun ?? false, isOnePage: page.Limit is not null, cancellationToken));
        }
        catch (ArgumentException)
        {
            return Problems.BadRequest("bad-cursor", "after is no cursor of an earlier call.");
        }
    }
}
