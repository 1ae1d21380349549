using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;
using Millrace.WorkflowManager.Api;

namespace Millrace.WorkflowManager.Suite;

/// <summary>
/// The services of the suite, and their own routes through the manager, which lets readers read and operators command as the
/// services themselves do.
/// </summary>
public static class ServiceDirectoryApi
{
    public static IServiceCollection AddServiceDirectory(this IServiceCollection services, ServiceDirectoryOptions options)
    {
        if (options.Check().ToList() is { Count: > 0 } problems)
            throw new ConfigurationException(problems);
        services.AddSingleton(_ => new ServiceDirectory(options, ServiceDirectory.CreateClient(options)));
        return services;
    }

    public static IEndpointRouteBuilder MapServiceDirectory(this IEndpointRouteBuilder routes)
    {
        var services = routes.MapGroup("/api/services").WithTags("Services").RequireAuthorization(AccessRoles.Read);
        services.MapGet("/", async (HttpRequest request, ServiceDirectory directory, CancellationToken cancellationToken) =>
            TypedResults.Ok(await directory.ListAsync(ServiceCall.CredentialsOf(request), cancellationToken))).WithSummary("Every service with its health");
        services.MapGet("/{name}/{**route}", AskByNameAsync).WithSummary("Read one of a service's own routes");
        services.MapPost("/{name}/{**route}", AskByNameAsync).RequireAuthorization(AccessRoles.Operate).WithSummary("Tell a service to do something");
        foreach (var (room, service) in routes.ServiceProvider.GetRequiredService<ServiceDirectory>().RoomsElsewhere)
            routes.MapRoom(room, service);
        return routes;
    }

    /// <summary>The service's own addresses, as if it ran here.</summary>
    private static void MapRoom(this IEndpointRouteBuilder routes, string room, string service)
    {
        var own = routes.MapGroup(room).WithTags("Services").RequireAuthorization(AccessRoles.Read);
        own.MapGet("/{**route}", Ask).WithSummary($"Passed on to {service}");
        own.MapPost("/{**route}", Ask).RequireAuthorization(AccessRoles.Operate).WithSummary($"Passed on to {service}");

        Task<IResult> Ask(HttpContext context, ServiceDirectory directory, CancellationToken cancellationToken) =>
            AskAsync(ServiceCall.From(context.Request, service, context.Request.Path), context, directory, cancellationToken);
    }

    private static Task<IResult> AskByNameAsync(
        string name, string route, HttpContext context, ServiceDirectory directory, CancellationToken cancellationToken) =>
        AskAsync(ServiceCall.From(context.Request, name, new PathString("/" + route)), context, directory, cancellationToken);

    private static async Task<IResult> AskAsync(
        ServiceCall call, HttpContext context, ServiceDirectory directory, CancellationToken cancellationToken)
    {
        if (!directory.Knows(call.Service))
        {
            return Problems.Create(StatusCodes.Status404NotFound, "service-not-configured",
                $"{call.Service} does not run in this process, and no address of it is configured; set {ServiceDirectoryOptions.Section}:Services:N:Name and Url.");
        }
        try
        {
            return await directory.AskAsync(call, cancellationToken) switch
            {
                null => Problems.Create(StatusCodes.Status404NotFound, "unknown-route", $"'{call.Service}' has no route {call.Path} that can be asked here."),
                { Status: HttpStatusCode.Unauthorized } => Problems.Create(StatusCodes.Status502BadGateway, "service-refuses-key",
                    $"{call.Service} does not know the key; give it the same Access:Keys, or set {ServiceDirectoryOptions.Section}:Services:N:Key."),
                var answer => PassOn(answer, context.Response),
            };
        }
        catch (HttpRequestException error)
        {
            return Problems.Create(StatusCodes.Status502BadGateway, "service-unreachable", $"{call.Service} does not answer: {error.Message}");
        }
    }

    private static IResult PassOn(ServiceAnswer answer, HttpResponse response)
    {
        // Whatever another service sends, a browser that opens it runs nothing of it as this page.
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
        response.Headers.XContentTypeOptions = "nosniff";
        return answer.Body.Length == 0
            ? TypedResults.StatusCode((int)answer.Status)
            : TypedResults.Content(answer.Body, answer.ContentType, statusCode: (int)answer.Status);
    }
}
