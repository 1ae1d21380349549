using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Storage;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>Ready while the doors are open, every loop runs and the store can be written to.</summary>
internal sealed class ManagerHealth(IMillraceStore store) : IHealthCheck
{
    private volatile string? _broken;

    public bool IsOpen { get; set; }

    public void Break(string reason) => _broken = reason;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (_broken is { } reason)
            return new HealthCheckResult(context.Registration.FailureStatus, reason);
        if (!IsOpen)
            return new HealthCheckResult(context.Registration.FailureStatus, "starting or stopping");
        try
        {
            await store.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy(store.Description);
        }
        catch (StoreException failure)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"{store.Description}: {failure.Message}");
        }
    }
}
