using System.Diagnostics;
using System.Text;

namespace Millrace.Testing;

/// <summary>A worker in whatever language, as a process that ends with the test, even if that is killed.</summary>
public sealed class WorkerProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new("worker");
    private readonly ProcessGuard _guard = new();
    private readonly StringBuilder _log = new();
    private readonly Process _process;

    private WorkerProcess(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start) ?? throw new InvalidOperationException($"cannot start {start.FileName}");
        _guard.Watch(_folder.Path, _process.Id);
        _process.OutputDataReceived += Keep;
        _process.ErrorDataReceived += Keep;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <param name="environment">Added to this process's own.</param>
    public static WorkerProcess Start(
        string program, IReadOnlyList<string> arguments, string? folder = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder ?? Path.GetTempPath() };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return new WorkerProcess(start);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        _guard.Dispose();
        _folder.Dispose();
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_log)
            _log.AppendLine(line.Data);
    }
}
