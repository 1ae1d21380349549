namespace Millrace.Cli.Classifying;

/// <summary>What to send through the manager, the bus and how many classifier services.</summary>
internal sealed record SuiteBenchOptions
{
    /// <summary><c>memory:</c> or <c>amqp://...</c>.</summary>
    public required string BrokerUrl { get; init; }

    public required IReadOnlyList<string> Texts { get; init; }

    public int Replicas { get; init; } = 1;

    /// <summary>A Perspective-compatible API; null: the local model.</summary>
    public Uri? Api { get; init; }

    /// <summary>Calls in one window of the API's quota, which all replicas share.</summary>
    public int QuotaPermits { get; init; } = 50;

    /// <summary>Length of the window in seconds.</summary>
    public double QuotaWindowSeconds { get; init; } = 1;
}

/// <summary>What a run of <see cref="SuiteBench"/> measured.</summary>
/// <param name="Lost">
/// Posts that ended neither labelled nor, of the local model, with the reason why they cannot be: those without a result, those that failed,
/// and against an API, whose posts can all be labelled, those that are not. Must be 0.
/// </param>
/// <param name="Seconds">From the first post sent to the last result.</param>
/// <param name="PostsPerSecond">Results between the first and the last of them, a second.</param>
/// <param name="QuotaUsedPercent">That rate as a part of the quota's; null for the local model.</param>
/// <param name="CpuSeconds">Of this process: manager, bus client, services and the sender of the posts.</param>
internal sealed record SuiteBenchReport(
    int Replicas, int Posts, int Labelled, int Lost, double Seconds, double PostsPerSecond, double? QuotaUsedPercent, double CpuSeconds, string Bus);
