using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Gates;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Api;

/// <summary>Workflows, their graph and counts, and pausing them.</summary>
internal static class WorkflowsApi
{
    public static void MapWorkflows(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/workflows", ListAsync).WithName("ListWorkflows").WithSummary("All workflows with their counts.")
            .RequireAuthorization(AccessRoles.Read);
        routes.MapGet("/workflows/{name}", GetAsync).WithName("GetWorkflow")
            .WithSummary("One workflow: definition, graph, counts a status and step, rate limits with ETA, pauses, queues.")
            .ProducesProblem(404).RequireAuthorization(AccessRoles.Read);
        routes.MapGet("/counts", CountAsync).WithName("GetCounts").WithSummary("How many requests stand where.")
            .RequireAuthorization(AccessRoles.Read);
        routes.MapGet("/queues", async (QueueViews views, CancellationToken cancellationToken) => TypedResults.Ok(await views.ListAsync(cancellationToken)))
            .WithName("ListQueues").WithSummary("The broker's queues: how many messages wait in each, and who listens.").RequireAuthorization(AccessRoles.Read);
        var operate = routes.MapGroup("/workflows/{name}").ProducesProblem(404).RequireAuthorization(AccessRoles.Operate);
        operate.MapPost("/pause", PauseAsync).WithName("PauseWorkflow").WithSummary("Hold back everything that becomes ready.");
        operate.MapPost("/resume", ResumeAsync).WithName("ResumeWorkflow").WithSummary("Let go what is held, oldest first.");
        operate.MapPost("/steps/{step}/pause", PauseStepAsync).WithName("PauseStep").WithSummary("Hold back one step; inside a task it is task.step.");
        operate.MapPost("/steps/{step}/resume", ResumeStepAsync).WithName("ResumeStep").WithSummary("Let go what a step's pause holds, oldest first.");
    }

    private static async Task<Ok<WorkflowListView>> ListAsync(WorkflowViews views, CancellationToken cancellationToken) =>
        TypedResults.Ok(await views.ListAsync(cancellationToken));

    private static async Task<Results<Ok<WorkflowView>, ProblemHttpResult>> GetAsync(
        string name, WorkflowViews views, CancellationToken cancellationToken) =>
        await views.FindAsync(name, cancellationToken) is { } view ? TypedResults.Ok(view) : Problems.NotFound("workflow", name);

    private static async Task<Ok<CountListView>> CountAsync(IRequestReader store, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CountListView([.. (await store.CountAsync(cancellationToken))
            .Select(count => new CountView(count.Workflow, count.Step, count.Status, count.Count))]));

    private static async Task<Results<Ok<PauseView>, ProblemHttpResult>> PauseAsync(
        string name, HttpContext context, WorkflowCatalog catalog, Pauses pauses, CancellationToken cancellationToken) =>
        catalog.Find(name) is null
            ? Problems.NotFound("workflow", name)
            : TypedResults.Ok(await pauses.PauseAsync(name, null, context.CallerName(), cancellationToken));

    internal static async Task<Results<NoContent, ProblemHttpResult>> ResumeAsync(
        string name, WorkflowCatalog catalog, Pauses pauses, Resumes resumes, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is null && pauses.FindWorkflow(name) is null)
            return Problems.NotFound("workflow", name);
        await resumes.ResumeAsync(name, null, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<PauseView>, ProblemHttpResult>> PauseStepAsync(
        string name, string step, HttpContext context, WorkflowCatalog catalog, Pauses pauses, CancellationToken cancellationToken) =>
        FindStep(catalog.Find(name), step) is not { } key
            ? Problems.NotFound("step", $"{name}/{step}")
            : TypedResults.Ok(await pauses.PauseAsync(name, key, context.CallerName(), cancellationToken));

    internal static async Task<Results<NoContent, ProblemHttpResult>> ResumeStepAsync(
        string name, string step, WorkflowCatalog catalog, Pauses pauses, Resumes resumes, CancellationToken cancellationToken)
    {
        // A step that a reload took away may still hold requests that began before it.
        var key = KeyOf(step);
        if (FindStep(catalog.Find(name), step) is null && pauses.FindStep(new StepKey(name, key)) is null)
            return Problems.NotFound("step", $"{name}/{step}");
        await resumes.ResumeAsync(name, key, cancellationToken);
        return TypedResults.NoContent();
    }

    /// <returns>The step's name, or <c>task/step</c> for one written <c>task.step</c>.</returns>
    private static string? FindStep(WorkflowDefinition? definition, string step)
    {
        if (definition is null)
            return null;
        var parts = step.Split('.', 2);
        var task = parts.Length == 2 ? definition.IndexOfTask(parts[0]) : WorkflowDefinition.TopScope;
        if (parts.Length == 2 && task < 0)
            return null;
        return definition.GraphOf(task).IndexOf(parts[^1]) >= 0 ? KeyOf(step) : null;
    }

    private static string KeyOf(string step) => string.Join('/', step.Split('.', 2));
}
