using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>Ready while the doors are open and every loop runs; whether the store can be written to is its host's to check.</summary>
internal sealed class ManagerHealth : IHealthCheck
{
    private volatile string? _broken;

    public bool IsOpen { get; set; }

    public void Break(string reason) => _broken = reason;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problem = _broken ?? (IsOpen ? null : "starting or stopping");
        return Task.FromResult(problem is null ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, problem));
    }
}
