using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;

namespace Millrace.Observability;

/// <summary>What every service has: structured logs, traces, metrics and health routes.</summary>
public static class ObservabilityModule
{
    public static IHostApplicationBuilder AddObservability(this IHostApplicationBuilder builder, string service)
    {
        var options = Read(builder.Configuration);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddProblemDetails();
        builder.Services.AddHealthChecks();
        builder.AddLogs(options, service);
        builder.Services.AddTraces(options, service);
        builder.Services.AddMetrics(options, service);
        return builder;
    }

    /// <summary>
    /// <c>/health/live</c> answers while the process runs; <c>/health/ready</c> once every check passes;
    /// <c>/metrics</c> in Prometheus text. They carry no data of requests and need no key.
    /// </summary>
    public static IEndpointRouteBuilder MapObservability(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/health/live", HealthReportWriter.Live).AllowAnonymous();
        routes.MapHealthChecks("/health/ready", HealthReportWriter.Ready).AllowAnonymous();
        routes.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous();
        return routes;
    }

    private static ObservabilityOptions Read(IConfiguration configuration)
    {
        var options = configuration.GetSection(ObservabilityOptions.Section).Get<ObservabilityOptions>() ?? new ObservabilityOptions();
        var problems = new List<ValidationResult>();
        return Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true)
            ? options
            : throw new ConfigurationException([.. problems.Select(problem => problem.ErrorMessage ?? "")]);
    }
}
