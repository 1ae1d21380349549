using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Millrace.Testing;

/// <summary>A serving <c>millrace</c> process of its own, that a test may stop kindly, kill or pause; it ends with the test, even if that is killed.</summary>
public sealed class MillraceProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ProcessGuard _guard = new();
    private readonly StringBuilder _log = new();
    private bool _disposed;

    private MillraceProcess(Process process)
    {
        _process = process;
        _guard.Watch(null, process.Id);
    }

    /// <summary>Where it serves, such as <c>http://127.0.0.1:40123</c>.</summary>
    public string Url { get; private set; } = "";

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to the console.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    /// <summary>The program that the build has made.</summary>
    public static string Program { get; } = FindProgram(new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Name);

    /// <summary>The program as it ships, if that has been built too.</summary>
    public static string ReleasedProgram { get; } = FindProgram("release");

    /// <summary>Starts <c>millrace up|run ... --port 0 --json</c> and waits until it says that it is ready.</summary>
    public static Task<MillraceProcess> ServeAsync(params string[] arguments) => ServeAsync(null, arguments);

    /// <inheritdoc cref="ServeAsync(string[])"/>
    public static Task<MillraceProcess> ServeReleasedAsync(params string[] arguments) => ServeAsync(ReleasedProgram, null, arguments);

    /// <param name="environment">Added to this process's own.</param>
    /// <exception cref="InvalidOperationException">It ended before it was ready; the message holds what it wrote.</exception>
    public static Task<MillraceProcess> ServeAsync(IReadOnlyDictionary<string, string>? environment, params string[] arguments) =>
        ServeAsync(Program, environment, arguments);

    private static async Task<MillraceProcess> ServeAsync(string program, IReadOnlyDictionary<string, string>? environment, string[] arguments)
    {
        var process = Start([.. arguments, "--port", "0", "--json"], redirectError: true, environment: environment, program: program);
        var serving = new MillraceProcess(process);
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) => serving.Keep(line.Data);
        process.OutputDataReceived += (_, line) =>
        {
            serving.Keep(line.Data);
            if (line.Data is null)
                ready.TrySetException(new InvalidOperationException($"millrace {string.Join(' ', arguments)} did not start:\n{serving.Log}"));
            else if (line.Data.StartsWith("{\"url\"", StringComparison.Ordinal))
                ready.TrySetResult(JsonDocument.Parse(line.Data).RootElement.GetProperty("url").GetString()!);
        };
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        try
        {
            serving.Url = await ready.Task.WaitAsync(StartLimit);
        }
        catch
        {
            await serving.DisposeAsync();
            throw;
        }
        return serving;
    }

    /// <summary>Starts a verb that a test means to kill or to look at on its way.</summary>
    public static MillraceProcess Begin(string[] arguments, string folder)
    {
        var process = Start(arguments, redirectError: true, folder);
        var verb = new MillraceProcess(process);
        process.ErrorDataReceived += (_, line) => verb.Keep(line.Data);
        process.OutputDataReceived += (_, line) => verb.Keep(line.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        return verb;
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(string[] arguments, string? folder = null, string? input = null)
    {
        using var process = Start(arguments, redirectError: true, folder, input is not null);
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
            process.StandardInput.Close();
        }
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code once it has left.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
            PosixSignals.Terminate(_process.Id);
        using var limit = new CancellationTokenSource(StartLimit);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <returns>False if it still runs after this time.</returns>
    public async Task<bool> EndsWithinAsync(TimeSpan limit)
    {
        using var patience = new CancellationTokenSource(limit);
        await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _process.HasExited;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
        _guard.Dispose();
    }

    private static Process Start(
        string[] arguments, bool redirectError, string? folder = null, bool redirectInput = false, IReadOnlyDictionary<string, string>? environment = null,
        string? program = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = redirectError,
            RedirectStandardInput = redirectInput,
            WorkingDirectory = folder ?? Path.GetTempPath(),
        };
        foreach (var argument in (string[])[program ?? Program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private void Keep(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }

    /// <summary>Tests run from artifacts/bin/PROJECT/CONFIGURATION; the program lies beside them in the same configuration.</summary>
    private static string FindProgram(string configuration, [CallerFilePath] string source = "")
    {
        var root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(source)!, "..", ".."));
        return Path.Combine(root, "artifacts", "bin", "Cli", configuration, "millrace.dll");
    }
}
