using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>
/// Ready while the doors are open and every loop runs; whether the store can be written to is its host's to check. Degraded, and still
/// ready, while there is something that somebody has to mend.
/// </summary>
internal sealed class ManagerHealth : IHealthCheck
{
    private volatile string? _broken;
    private volatile string? _complaint;

    public bool IsOpen { get; set; }

    public void Break(string reason) => _broken = reason;

    /// <param name="complaint">Null: it has been mended.</param>
    public void Complain(string? complaint) => _complaint = complaint;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problem = _broken ?? (IsOpen ? null : "starting or stopping");
        if (problem is not null)
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, problem));
        return Task.FromResult(_complaint is { } complaint ? HealthCheckResult.Degraded(complaint) : HealthCheckResult.Healthy());
    }
}
