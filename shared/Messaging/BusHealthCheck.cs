using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.Messaging;

/// <summary>Ready while messages can be sent and every consumer is attached.</summary>
internal sealed class BusHealthCheck(IMessageBus bus) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(bus.IsHealthy
            ? HealthCheckResult.Healthy(bus.Description)
            : new HealthCheckResult(context.Registration.FailureStatus, $"not connected to {bus.Description}, blocked by it, or a consumer is missing"));
}
