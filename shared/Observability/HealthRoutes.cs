using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;

namespace Millrace.Observability;

/// <summary>
/// Health as JSON: the overall status and each check's. The version and what the checks say, which may name servers and their errors, are
/// for callers that may read.
/// </summary>
internal static class HealthRoutes
{
    private static readonly string[] Methods = ["GET", "HEAD"];

    private static readonly HealthReport Alive = new(new Dictionary<string, HealthReportEntry>(), TimeSpan.Zero);

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").AllowAnonymous().ExcludeFromDescription().WithMetadata(new ProbeRoute());
        health.MapMethods("/live", Methods, (HttpContext context) => AnswerAsync(context, Alive));
        health.MapMethods("/ready", Methods, async (HttpContext context, ReadyReport ready) =>
            await AnswerAsync(context, await ready.GetAsync(context.RequestAborted)));
    }

    private static async Task AnswerAsync(HttpContext context, HealthReport report)
    {
        var mayRead = await MayReadAsync(context);
        context.Response.StatusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                version = mayRead ? ServiceResource.Version : null,
                checks = report.Entries.ToDictionary(
                    entry => entry.Key,
                    entry => new { status = entry.Value.Status.ToString(), description = mayRead ? entry.Value.Description : null }),
            },
            MillraceJson.Options,
            context.RequestAborted);
    }

    private static async Task<bool> MayReadAsync(HttpContext context) =>
        (await context.RequestServices.GetRequiredService<IAuthorizationService>().AuthorizeAsync(context.User, AccessRoles.Read)).Succeeded;
}
