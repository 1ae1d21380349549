using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.WorkflowManager.Runtime.DeadLetters;
using Millrace.WorkflowManager.Runtime.Ingest;

namespace Millrace.WorkflowManager.Api;

/// <summary>What was given up, and what to do about it.</summary>
internal static class DeadLettersApi
{
    private const int DefaultLimit = 50;
    private const int MaxLimit = 200;

    public static void MapDeadLetters(this IEndpointRouteBuilder routes)
    {
        var letters = routes.MapGroup("/dead-letters").RequireAuthorization(AccessRoles.Operate).ProducesProblem(503)
            .AddEndpointFilter(TellOfBrokerAsync);
        letters.MapGet("/", ListAsync).WithName("ListDeadLetters").ProducesProblem(400)
            .WithSummary("The first messages of the dead-letter queue, each with its reason; they stay where they are.");
        letters.MapPost("/{id}/requeue", RequeueAsync).WithName("RequeueDeadLetter").ProducesProblem(404).ProducesProblem(409)
            .WithSummary("Send a message again to where it was sent first.");
        letters.MapPost("/{id}/discard", DiscardAsync).WithName("DiscardDeadLetter").ProducesProblem(404)
            .WithSummary("Remove a message for good.");
    }

    private static async Task<Results<Ok<DeadLetterListView>, ProblemHttpResult>> ListAsync(
        DeadLetterQueue queue, CancellationToken cancellationToken, int limit = DefaultLimit) =>
        limit is < 1 or > MaxLimit
            ? Problems.BadRequest("bad-limit", $"limit is {limit}; it must lie between 1 and {MaxLimit}.")
            : TypedResults.Ok(await queue.ListAsync(limit, cancellationToken));

    private static async Task<Results<NoContent, ProblemHttpResult>> RequeueAsync(
        string id, DeadLetterQueue queue, CancellationToken cancellationToken)
    {
        try
        {
            return await queue.RequeueAsync(id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("dead-letter", id);
        }
        catch (RefusedException refusal)
        {
            return Problems.Conflict(refusal.Code, refusal.Message);
        }
        catch (NotConfirmedException unknown)
        {
            return Problems.Create(StatusCodes.Status503ServiceUnavailable, "not-confirmed", unknown.Message);
        }
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> DiscardAsync(
        string id, DeadLetterQueue queue, CancellationToken cancellationToken) =>
        await queue.DiscardAsync(id, cancellationToken) ? TypedResults.NoContent() : Problems.NotFound("dead-letter", id);

    private static async ValueTask<object?> TellOfBrokerAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        try
        {
            return await next(context);
        }
        catch (IOException lost)
        {
            return Problems.Create(StatusCodes.Status503ServiceUnavailable, "broker-away", $"{lost.Message}. Look again before you repeat it.");
        }
    }
}
