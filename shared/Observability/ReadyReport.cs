using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Millrace.Observability;

/// <summary>The latest look at every check. Checks cost something (the store's writes), so whoever asks within a second shares one look.</summary>
internal sealed class ReadyReport(HealthCheckService checks, TimeProvider clock)
{
    private static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    private readonly Lock _turn = new();
    private Task<HealthReport>? _look;
    private long _lookedAt;

    public Task<HealthReport> GetAsync(CancellationToken cancellationToken)
    {
        lock (_turn)
        {
            if (_look is null || (_look.IsCompleted && clock.GetElapsedTime(_lookedAt) >= GoodFor))
            {
                _lookedAt = clock.GetTimestamp();
                // Not with the token of one of those who share it; each check has a time limit.
                _look = checks.CheckHealthAsync(CancellationToken.None);
            }
            return _look.WaitAsync(cancellationToken);
        }
    }
}
