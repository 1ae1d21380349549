using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.PerspectiveClassifier.Classification;

/// <summary>Not healthy while a provider cannot work at all; the text says what to fix.</summary>
internal sealed class ClassifierHealthCheck(ClassifierSet set) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problems = set.All.Select(classifier => classifier.Provider.Describe().Problem).OfType<string>().ToList();
        if (set.All.Count == 0)
            problems.Add("The classifiers are still being loaded.");
        return Task.FromResult(problems.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(string.Join(" ", problems)));
    }
}
