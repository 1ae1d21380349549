using System.Diagnostics;
using Millrace.Contracts;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>The managers of a run, each a process: killed, stopped, paused and started again. None may end by itself.</summary>
internal sealed class Managers(ChaosPlace place) : IAsyncDisposable
{
    private readonly List<MillraceProcess> _processes = [];

    public int Count => _processes.Count;

    /// <summary>The most memory that any of them held when it was looked at, in bytes.</summary>
    public long PeakBytes { get; private set; }

    public string Url(int which) => _processes[which].Url;

    public int ProcessId(int which) => _processes[which].Id;

    public async Task StartAsync(int count)
    {
        for (var each = 0; each < count; each++)
            _processes.Add(await StartAsync());
    }

    public async Task KillAsync(int which)
    {
        Look();
        await _processes[which].KillAsync();
        await ReplaceAsync(which);
    }

    public async Task StopAsync(int which)
    {
        Look();
        await _processes[which].StopAsync();
        await ReplaceAsync(which);
    }

    /// <summary>Starts it again with a fail point, waits until that has ended it, and starts it once more.</summary>
    /// <returns>Whether it was reached in time.</returns>
    public async Task<bool> DieAtAsync(int which, string failPoint, TimeSpan limit)
    {
        Look();
        await _processes[which].StopAsync();
        var reached = await DiesAsync(which, failPoint, limit);
        if (!reached)
            await _processes[which].KillAsync();
        await ReplaceAsync(which);
        return reached;
    }

    /// <summary>Each start is armed with the next point, so that one start more than there are points is enough.</summary>
    public async Task DieAtEachAsync(int which, IEnumerable<string> failPoints, TimeSpan limit, Action<string> missed)
    {
        await _processes[which].StopAsync();
        foreach (var point in failPoints)
        {
            if (await DiesAsync(which, $"{point}=kill:2", limit))
                continue;
            missed(point);
            await _processes[which].KillAsync();
        }
        await ReplaceAsync(which);
    }

    /// <summary>Told to stop, it dies between saying what it sent and giving its lease back.</summary>
    /// <returns>Whether it died.</returns>
    public async Task<bool> DieLeavingAsync(int which)
    {
        await _processes[which].StopAsync();
        await ReplaceAsync(which, new Dictionary<string, string> { [FailPoint.Variable] = "leave.flushed=kill" });
        var died = await _processes[which].StopAsync() != 0;
        await ReplaceAsync(which);
        return died;
    }

    /// <exception cref="InvalidOperationException">One has ended that nobody told to.</exception>
    public void Look()
    {
        foreach (var process in _processes)
        {
            if (process.HasExited)
                throw new InvalidOperationException($"a manager ended by itself:\n{process.Log}");
            using var seen = Process.GetProcessById(process.Id);
            PeakBytes = Math.Max(PeakBytes, seen.WorkingSet64);
        }
    }

    public string Logs() => string.Join("\n---\n", _processes.Select(process => process.Log is { Length: > 4000 } log ? log[^4000..] : process.Log));

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
    }

    private async Task<bool> DiesAsync(int which, string failPoint, TimeSpan limit)
    {
        try
        {
            await ReplaceAsync(which, new Dictionary<string, string> { [FailPoint.Variable] = failPoint });
            return await _processes[which].EndsWithinAsync(limit);
        }
        catch (InvalidOperationException)
        {
            // It had so much to do that it died before it was ready.
            return true;
        }
    }

    private async Task ReplaceAsync(int which, IReadOnlyDictionary<string, string>? environment = null)
    {
        await _processes[which].DisposeAsync();
        _processes[which] = await StartAsync(environment);
    }

    private Task<MillraceProcess> StartAsync(IReadOnlyDictionary<string, string>? environment = null) => MillraceProcess.ServeAsync(
        environment,
        "run", "workflow-manager", "--broker", place.BrokerUrlThroughWire, "--store", place.StoreUrl,
        "--workflows", AppContext.BaseDirectory, "--log-level", "Warning", "--set", "Manager:LeaseSeconds=5");
}
