namespace Millrace.Standalone;

/// <summary>Which services run in this process, and the bus and store that they share.</summary>
public sealed record StandaloneOptions
{
    public IReadOnlyList<string> Services { get; init; } = ServiceNames.All;

    /// <summary><c>memory:</c> or <c>amqp://user:password@host:port/vhost</c>.</summary>
    public string BrokerUrl { get; init; } = "memory:";

    /// <summary><c>sqlite:PATH</c>, <c>postgres://...</c>, <c>mongodb://...</c> or <c>memory:</c>.</summary>
    public string StoreUrl { get; init; } = "memory:";

    /// <summary>The name in logs and traces.</summary>
    public string Name => Services.Count == 1 ? Services[0] : "millrace";
}
