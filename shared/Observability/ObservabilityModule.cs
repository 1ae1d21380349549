using System.ComponentModel.DataAnnotations;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;

namespace Millrace.Observability;

/// <summary>What every service has: structured logs, traces, metrics and health routes.</summary>
public static class ObservabilityModule
{
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(10);

    public static IHostApplicationBuilder AddObservability(this IHostApplicationBuilder builder, string service)
    {
        var options = Read(builder.Configuration);
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(options);
        builder.Services.AddProblemDetails();
        builder.Services.AddHealthChecks();
        builder.Services.PostConfigure<HealthCheckServiceOptions>(LimitChecks);
        builder.Services.AddSingleton<ReadyReport>();
        builder.AddLogs(options, service);
        builder.Services.AddTraces(options, service);
        builder.Services.AddMetrics(options, service);
        return builder;
    }

    /// <summary>
    /// <c>/health/live</c> answers while the process runs; <c>/health/ready</c> once every check passes;
    /// <c>/metrics</c> in Prometheus text. They carry no data of requests and need no key. The host has a policy <c>read</c>, for the details.
    /// </summary>
    public static IEndpointRouteBuilder MapObservability(this IEndpointRouteBuilder routes)
    {
        routes.MapHealth();
        routes.MapPrometheusScrapingEndpoint("/metrics").AllowAnonymous().WithMetadata(new ProbeRoute());
        return routes;
    }

    /// <summary>A check that hangs must not keep the next ones from being made.</summary>
    private static void LimitChecks(HealthCheckServiceOptions checks)
    {
        foreach (var check in checks.Registrations)
            check.Timeout = CheckLimit;
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
