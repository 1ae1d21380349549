using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Storage;

namespace Millrace.Standalone;

internal sealed class StoreHealthCheck(IMillraceStore store) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await store.CheckAsync(cancellationToken);
            return HealthCheckResult.Healthy(store.Description);
        }
        // Whatever a store throws, it can't be written to now, and readiness says so.
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy($"{store.Description}: {error.Message}");
        }
    }
}
