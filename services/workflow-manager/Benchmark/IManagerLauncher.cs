namespace Millrace.WorkflowManager.Benchmark;

/// <summary>Starts managers as processes of their own, so that they can be measured and killed.</summary>
public interface IManagerLauncher
{
    /// <returns>Once it is ready.</returns>
    Task<IManagerProcess> StartAsync(ManagerLaunch launch, CancellationToken cancellationToken);
}

/// <param name="WorkflowsFolder">Holds the one workflow of the benchmark.</param>
public sealed record ManagerLaunch(string Name, string BrokerUrl, string StoreUrl, string WorkflowsFolder);

/// <summary>Disposing kills it: a benchmark leaves nothing that must be saved.</summary>
public interface IManagerProcess : IAsyncDisposable
{
    int ProcessId { get; }

    /// <summary>Where its routes are.</summary>
    Uri Url { get; }

    /// <summary>As <c>kill -9</c>; returns when it is gone.</summary>
    Task KillAsync();
}
