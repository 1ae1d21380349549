using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>
/// Ready while the doors are open, every loop runs and nothing halts it; whether the store can be written to is its host's to check.
/// Degraded, and still ready, while there is something that somebody has to mend.
/// </summary>
internal sealed class ManagerHealth : IHealthCheck
{
    private readonly ConcurrentDictionary<string, string> _halts = [];
    private readonly ConcurrentDictionary<string, string> _complaints = [];

    private volatile string? _broken;

    public bool IsOpen { get; set; }

    /// <summary>It stays broken until it is started again.</summary>
    public void Break(string reason) => _broken = reason;

    /// <param name="topic">What it is about; each has one reason at a time.</param>
    /// <param name="reason">Null: it goes on.</param>
    public void Halt(string topic, string? reason) => Set(_halts, topic, reason);

    /// <param name="topic">As for <see cref="Halt"/>.</param>
    /// <param name="complaint">Null: it has been mended.</param>
    public void Complain(string topic, string? complaint) => Set(_complaints, topic, complaint);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var problem = _broken ?? Join(_halts) ?? (IsOpen ? null : "starting or stopping");
        if (problem is not null)
            return Task.FromResult(new HealthCheckResult(context.Registration.FailureStatus, problem));
        return Task.FromResult(Join(_complaints) is { } complaint ? HealthCheckResult.Degraded(complaint) : HealthCheckResult.Healthy());
    }

    private static void Set(ConcurrentDictionary<string, string> said, string topic, string? text)
    {
        if (text is null)
            said.TryRemove(topic, out _);
        else
            said[topic] = text;
    }

    private static string? Join(ConcurrentDictionary<string, string> said) =>
        said.IsEmpty ? null : string.Join(' ', said.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value));
}
