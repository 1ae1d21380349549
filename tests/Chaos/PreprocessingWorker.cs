using Millrace.Contracts;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>The suite's own preprocessing service as a process: a worker behind the shell that all of them share.</summary>
internal sealed class PreprocessingWorker(ChaosPlace place) : IAsyncDisposable
{
    private MillraceProcess? _process;

    public int ProcessId => _process!.Id;

    public string Log => _process?.Log ?? "";

    public async Task StartAsync(IReadOnlyDictionary<string, string>? environment = null) => _process = await MillraceProcess.ServeAsync(
        environment, "run", "preprocessing", "--broker", place.BrokerUrlThroughWire, "--store", "memory:", "--log-level", "Warning");

    public async Task KillAsync()
    {
        if (!_process!.HasExited)
            await _process.KillAsync();
        await RestartAsync();
    }

    /// <summary>Starts it again with a fail point, waits until that has ended it, and starts it once more.</summary>
    /// <returns>Whether it was reached in time.</returns>
    public async Task<bool> DieAtAsync(string failPoint, TimeSpan limit)
    {
        await _process!.StopAsync();
        await _process.DisposeAsync();
        await StartAsync(new Dictionary<string, string> { [FailPoint.Variable] = failPoint });
        var reached = await _process.EndsWithinAsync(limit);
        await KillAsync();
        return reached;
    }

    public async Task StopAsync()
    {
        await _process!.StopAsync();
        await RestartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private async Task RestartAsync()
    {
        await _process!.DisposeAsync();
        await StartAsync();
    }
}
