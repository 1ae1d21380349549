using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>
/// Degraded while a provider cannot work, as with a refused key, and unhealthy only if nothing here can: neither another classifier nor a
/// local model beside, which answers the compatible routes. The text says what to fix.
/// </summary>
internal sealed class ClassifierHealthCheck(ClassifierSet set, ClassifierOptions options) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = set.All.Select(classifier => classifier.Provider.Describe().Problem).OfType<string>().ToList();
        if (set.All.Count < options.Instances.Count)
            return Task.FromResult(HealthCheckResult.Unhealthy("The classifiers are still being loaded."));
        if (problems.Count == 0)
            return Task.FromResult(HealthCheckResult.Healthy());
        var works = problems.Count < set.All.Count || set.Compatible is not null;
        return Task.FromResult(new HealthCheckResult(works ? HealthStatus.Degraded : HealthStatus.Unhealthy, string.Join(" ", problems)));
    }
}
