using System.Diagnostics;

namespace Millrace.Testing;

/// <summary>A server that a test starts, ends and starts again; ended by its process id alone.</summary>
internal sealed class ServerProcess
{
    private const int StartTries = 3;
    private Process? _process;

    /// <summary>While it runs.</summary>
    public int? Id => _process?.Id;

    public bool HasExited => _process?.HasExited ?? true;

    public void Run(Process process) => _process = process;

    /// <summary>Ends the server in order, by the signal that it takes for that.</summary>
    public Task StopAsync(Action<int> signal, CancellationToken cancellationToken) => EndAsync(process => signal(process.Id), cancellationToken);

    /// <summary>As <c>kill -9</c>: nothing is said to anyone.</summary>
    public Task KillAsync(CancellationToken cancellationToken) => EndAsync(process => process.Kill(), cancellationToken);

    /// <summary>Starts a new server; again on other ports where another process took one between its choice and its use.</summary>
    /// <exception cref="InvalidOperationException">It did not start, three times.</exception>
    public static async Task<T> StartAsync<T>(Func<T> create, Func<T, Task> start) where T : IAsyncDisposable
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = create();
            try
            {
                await start(server);
                return server;
            }
            catch (InvalidOperationException) when (attempt < StartTries)
            {
                await server.DisposeAsync();
            }
        }
    }

    private async Task EndAsync(Action<Process> end, CancellationToken cancellationToken)
    {
        if (_process is null)
            return;
        end(_process);
        await _process.WaitForExitAsync(cancellationToken);
        _process = null;
    }
}
