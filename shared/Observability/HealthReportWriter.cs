using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;

namespace Millrace.Observability;

/// <summary>Writes a health report as JSON: the overall status, the service's version, and each check's status and description.</summary>
internal static class HealthReportWriter
{
    public static HealthCheckOptions Live { get; } = new() { Predicate = _ => false, ResponseWriter = WriteAsync };

    public static HealthCheckOptions Ready { get; } = new() { ResponseWriter = WriteAsync };

    private static Task WriteAsync(HttpContext context, HealthReport report) =>
        context.Response.WriteAsJsonAsync(
            new
            {
                status = report.Status.ToString(),
                version = ServiceResource.Version,
                checks = report.Entries.ToDictionary(
                    entry => entry.Key, entry => new { status = entry.Value.Status.ToString(), entry.Value.Description }),
            },
            MillraceJson.Options,
            context.RequestAborted);
}
