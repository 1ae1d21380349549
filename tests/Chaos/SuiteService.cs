using System.Diagnostics;
using System.Globalization;
using Millrace.Contracts;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>A service of the suite as a process of its own: killed, stopped, paused and started again. It may not end by itself.</summary>
internal sealed class SuiteService(string name, Func<IReadOnlyList<string>> arguments) : IAsyncDisposable
{
    private MillraceProcess? _process;

    public string Name => name;

    /// <summary>It is of the program that ships.</summary>
    public bool IsReleased { get; init; }

    /// <summary>Its boundaries between what it does, saves, sends and acknowledges.</summary>
    public required IReadOnlyList<string> FailPoints { get; init; }

    /// <summary>Between its callers and its REST endpoint.</summary>
    public TcpProxy CallersWire { get; } = new();

    /// <summary>Through <see cref="CallersWire"/>.</summary>
    public string Url => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{CallersWire.Port}");

    public int ProcessId => _process!.Id;

    public string Log => _process?.Log is { Length: > 4000 } log ? log[^4000..] : _process?.Log ?? "";

    /// <summary>The most memory that it held when it was looked at, in bytes.</summary>
    public long PeakBytes { get; private set; }

    public async Task StartAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        if (_process is not null)
            await _process.DisposeAsync();
        string[] given = ["run", name, "--log-level", "Warning", .. arguments()];
        _process = IsReleased ? await MillraceProcess.ServeReleasedAsync(given) : await MillraceProcess.ServeAsync(environment, given);
        CallersWire.Target = new Uri(_process.Url).Port;
    }

    public async Task KillAsync()
    {
        Look();
        await _process!.KillAsync();
        await StartAsync();
    }

    public async Task StopAsync()
    {
        await LeaveAsync();
        await StartAsync();
    }

    /// <summary>Starts it again with a fail point, waits until that has ended it, and starts it once more.</summary>
    /// <returns>Whether it was reached in time.</returns>
    public async Task<bool> DieAtAsync(string failPoint, TimeSpan limit)
    {
        var isReached = true;
        await DieAtEachAsync([failPoint], limit, _ => isReached = false);
        return isReached;
    }

    /// <summary>Each start is armed with the next point, so that one start more than there are points is enough.</summary>
    public async Task DieAtEachAsync(IEnumerable<string> failPoints, TimeSpan limit, Action<string> missed)
    {
        await LeaveAsync();
        foreach (var point in failPoints)
        {
            if (await DiesAsync(point, limit))
                continue;
            missed(point);
            await _process!.KillAsync();
        }
        await StartAsync();
    }

    /// <summary>Told to stop, it dies at this point of its leaving.</summary>
    /// <returns>Whether it died.</returns>
    public async Task<bool> DieLeavingAsync(string failPoint)
    {
        await LeaveAsync();
        await StartAsync(ArmedWith(failPoint));
        await _process!.StopAsync();
        var died = DiedAt(failPoint, _process.Log);
        await StartAsync();
        return died;
    }

    /// <exception cref="InvalidOperationException">It has ended, and nobody told it to.</exception>
    public void Look()
    {
        if (_process!.HasExited)
            throw new InvalidOperationException($"{name} ended by itself:\n{Log}");
        using var seen = Process.GetProcessById(_process.Id);
        PeakBytes = Math.Max(PeakBytes, seen.WorkingSet64);
    }

    public async ValueTask DisposeAsync()
    {
        await CallersWire.DisposeAsync();
        if (_process is not null)
            await _process.DisposeAsync();
    }

    private async Task<bool> DiesAsync(string failPoint, TimeSpan limit)
    {
        try
        {
            await StartAsync(ArmedWith(failPoint));
            if (!await _process!.EndsWithinAsync(limit))
                return false;
            return DiedAt(failPoint, _process.Log) ? true : throw new InvalidOperationException($"{name} ended by itself before {failPoint}:\n{Log}");
        }
        catch (InvalidOperationException ended) when (DiedAt(failPoint, ended.Message))
        {
            // It had so much to do that it died before it was ready.
            return true;
        }
    }

    private async Task LeaveAsync()
    {
        Look();
        if (await _process!.StopAsync() is var code and not 0)
            throw new InvalidOperationException($"{name} left with {code}:\n{Log}");
    }

    /// <summary>The last of the points that are armed is the one that ends the process.</summary>
    private static bool DiedAt(string failPoint, string log) =>
        log.Contains(FailPoint.Told(failPoint.Split(',')[^1].Split('=')[0]), StringComparison.Ordinal);

    private static Dictionary<string, string> ArmedWith(string failPoint) => new() { [FailPoint.Variable] = failPoint };
}
