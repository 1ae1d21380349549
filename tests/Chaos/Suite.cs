using Millrace.Chaos.Tests.Faults;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>All services of a run, with the models that ship: managers, three workers behind their shell, and the monitor that reads results.</summary>
/// <param name="isReleased">Of the program that ships: nothing of it dies at a fail point.</param>
internal sealed class Suite(ChaosPlace place, int managers, bool isReleased) : IAsyncDisposable
{
    /// <summary>More posts than a run has, so that the monitor knows each post again that comes twice.</summary>
    private const int WindowPosts = 10_000;

    public bool IsReleased => isReleased;

    public IReadOnlyList<SuiteService> Managers { get; } =
    [
        .. Enumerable.Range(0, managers).Select(each => new SuiteService("workflow-manager", () =>
        [
            "--broker", place.BrokerUrlOf(each), "--store", place.StoreUrlOf(each), "--workflows", AppContext.BaseDirectory,
            "--set", "Manager:LeaseSeconds=5", "--set", "Manager:UnknownWorkflowSeconds=2", "--set", "Store:BusyTimeoutMs=4000",
        ]) { IsReleased = isReleased, FailPoints = [.. ManagerFailPoints.All.Select(point => point.Name)] }),
    ];

    /// <summary>From each of the managers to the broker.</summary>
    public IReadOnlyList<TcpProxy> BrokerWires => [.. place.BrokerWires.Take(managers)];

    /// <summary>From each of the managers to the store; none to a file.</summary>
    public IReadOnlyList<TcpProxy> StoreWires => [.. place.StoreWires.Take(managers)];

    public IReadOnlyList<SuiteService> Workers { get; } =
    [
        .. from name in (string[])["preprocessing", "perspective-classifier", "gpu-embedding"]
           select new SuiteService(name, () => ["--broker", place.BrokerUrlOfServices, "--store", "memory:"]) { IsReleased = isReleased, FailPoints = ["worker.handled", "worker.replied"] },
    ];

    public SuiteService Monitor { get; } = new("drift-monitor", () =>
    [
        "--broker", place.BrokerUrlOfServices, "--store", place.MonitorStoreUrl,
        "--set", "Drift:SaveEveryPosts=1", "--set", $"Drift:WindowPosts={WindowPosts}",
        "--set", "Drift:Sources:0:Name=embedding", "--set", "Drift:Sources:0:VectorPath=embedding", "--set", "Drift:Sources:0:RevisionPath=modelRevision",
    ])
    { IsReleased = isReleased, FailPoints = ["drift.observed", "drift.saved"] };

    /// <summary>All but the managers.</summary>
    public IReadOnlyList<SuiteService> Others => [.. Workers, Monitor];

    public IReadOnlyList<SuiteService> All => [.. Managers, .. Others];

    public Task StartAsync() => Task.WhenAll(All.Select(service => service.StartAsync()));

    /// <exception cref="InvalidOperationException">A service has ended that nobody told to.</exception>
    public void Look()
    {
        foreach (var service in All)
            service.Look();
    }

    /// <summary>The most memory that any of them held when it was looked at, in bytes.</summary>
    public long PeakBytes => All.Max(service => service.PeakBytes);

    /// <summary>Posts that the monitor has put into its windows.</summary>
    public async Task<long> WatchedPostsAsync()
    {
        using var monitor = new ManagerClient(Monitor.Url);
        return (await monitor.GetAsync("api/drift"))["items"]!.AsArray().Sum(detector => (long)detector!["seen"]!);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All)
            await service.DisposeAsync();
    }
}
