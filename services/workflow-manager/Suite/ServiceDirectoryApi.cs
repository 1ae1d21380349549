using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;

namespace Millrace.WorkflowManager.Suite;

/// <summary>The services of the suite, and their own routes behind this service's keys.</summary>
public static class ServiceDirectoryApi
{
    public static IServiceCollection AddServiceDirectory(this IServiceCollection services, ServiceDirectoryOptions options)
    {
        var results = new List<ValidationResult>();
        foreach (var part in (object[])[options, .. options.Services])
            Validator.TryValidateObject(part, new ValidationContext(part), results, validateAllProperties: true);
        if (results.Count > 0)
            throw new ConfigurationException([.. results.Select(result => $"{ServiceDirectoryOptions.Section}: {result.ErrorMessage}")]);
        services.AddSingleton(_ => new ServiceDirectory(options, ServiceDirectory.CreateClient(options)));
        return services;
    }

    public static IEndpointRouteBuilder MapServiceDirectory(this IEndpointRouteBuilder routes)
    {
        var services = routes.MapGroup("/api/services").WithTags("Services").RequireAuthorization(AccessRoles.Read);
        services.MapGet("/", async (ServiceDirectory directory, CancellationToken cancellationToken) =>
            TypedResults.Ok(await directory.ListAsync(cancellationToken))).WithSummary("Every service with its health");
        services.MapGet("/{name}/{**route}", ReadAsync).RequireAuthorization(AccessRoles.Operate)
            .WithSummary("Read one of a service's own routes");
        return routes;
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReadAsync(
        string name, string route, ServiceDirectory directory, CancellationToken cancellationToken)
    {
        try
        {
            return await directory.ReadAsync(name, "/" + route, cancellationToken) is { } answer
                ? TypedResults.Content(answer.Body, answer.ContentType, statusCode: (int)answer.Status)
                : TypedResults.Problem(
                    $"'{name}' has no route /{route} that can be read here.", statusCode: StatusCodes.Status404NotFound, type: "urn:millrace:unknown-route");
        }
        catch (HttpRequestException error)
        {
            return TypedResults.Problem($"{name} does not answer: {error.Message}", statusCode: StatusCodes.Status502BadGateway, type: "urn:millrace:service-unreachable");
        }
    }
}
