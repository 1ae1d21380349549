using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.GpuEmbedding;

/// <summary>Ready once the model is warm; degraded while the last batch failed.</summary>
public sealed class EmbedderHealthCheck(Embedder embedder) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check());

    private HealthCheckResult Check()
    {
        if (!embedder.IsLoaded)
            return HealthCheckResult.Unhealthy("The model is being loaded.");
        return embedder.Model.Engine.LastFailure is { } failure
            ? HealthCheckResult.Degraded($"The last batch failed: {failure.Message}")
            : HealthCheckResult.Healthy($"{embedder.Model.Name} on {string.Join(", ", embedder.Model.Engine.Devices)}");
    }
}
