using System.Diagnostics;
using System.Globalization;

namespace Millrace.Testing;

/// <summary>
/// A private PostgreSQL on 127.0.0.1 from Debian's package: own port, password and data, run as another user where the tests
/// run as root, which PostgreSQL refuses. The server ends with the test process, even if that is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Package = "/usr/lib/postgresql";
    private const string User = "millrace";
    private const string Password = "millrace-secret";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("postgres");
    private readonly ProcessGuard _guard = new();
    private readonly string _configuration;
    private readonly string _binaries;
    private readonly ServerProcess _server = new();

    private IReadOnlyList<int> _paused = [];

    private PostgresServer(string configuration, string binaries) => (_configuration, _binaries) = (configuration, binaries);

    /// <summary>Holds all of the server's data, if it was asked for and this user may mount one.</summary>
    public SmallDisk? Disk { get; private set; }

    /// <summary>Kept across restarts.</summary>
    public int Port { get; private set; }

    /// <summary>The server's own process while it runs.</summary>
    public int? ProcessId => _server.Id;

    public string LogFile => Path.Combine(_folder.Path, "server.log");

    /// <param name="configuration">Lines for postgresql.conf.</param>
    /// <param name="diskMegabytes">The size of a disk of its own; 0: it shares the machine's.</param>
    public static async Task<PostgresServer> StartAsync(
        string configuration = "", int diskMegabytes = 0, CancellationToken cancellationToken = default)
    {
        if (FindBinaries() is null)
            await DebianPackage.InstallAsync("postgresql", "/usr/share/doc/postgresql", cancellationToken);
        var binaries = FindBinaries() ?? throw new InvalidOperationException($"PostgreSQL is not below {Package}.");
        return await ServerProcess.StartAsync(() => new PostgresServer(configuration, binaries), async server =>
        {
            if (diskMegabytes > 0)
                server.Disk = await SmallDisk.MountAsync(server._folder.Path, diskMegabytes);
            await server.PrepareAsync(cancellationToken);
            await server.StartServerAsync(cancellationToken);
        });
    }

    /// <summary>The URL of a database of this server.</summary>
    public string Url(string database = "postgres") => $"postgres://{User}:{Password}@127.0.0.1:{Port}/{database}";

    public async Task<string> CreateDatabaseAsync(string name, CancellationToken cancellationToken = default)
    {
        await RunAsync("createdb", ["-h", "127.0.0.1", "-p", Text(Port), "-U", User, name], cancellationToken);
        return Url(name);
    }

    /// <summary>Removes a database of this server, whoever still uses it.</summary>
    public Task DropDatabaseAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync("dropdb", ["--force", "--if-exists", "-h", "127.0.0.1", "-p", Text(Port), "-U", User, name], cancellationToken);

    /// <summary>All of the server's processes stand still until <see cref="Continue"/>.</summary>
    public void Pause()
    {
        var server = _server.Id ?? throw new InvalidOperationException("The server does not run.");
        PosixSignals.Pause(server);
        // It begins no more processes now.
        _paused = [server, .. ChildrenOf(server).Where(child => TrySignal(PosixSignals.Pause, child))];
    }

    /// <summary>Ends a pause.</summary>
    public void Continue()
    {
        foreach (var process in _paused.Reverse())
            TrySignal(PosixSignals.Continue, process);
        _paused = [];
    }

    /// <summary>Starts a stopped or killed server again, on the same port and data; returns when it accepts connections.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken = default)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            // After a kill the old backends may hold the memory for a moment, which makes the new server give up: start it again.
            if (_server.HasExited)
                StartGuarded();
            using var probe = Start("pg_isready", ["-q", "-h", "127.0.0.1", "-p", Text(Port)]);
            await probe.WaitForExitAsync(cancellationToken);
            if (probe.ExitCode == 0 && !_server.HasExited)
                return;
            if (Stopwatch.GetElapsedTime(started) > StartLimit)
                throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync(LogFile, cancellationToken)}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Ends the server in order: open transactions are rolled back, everything is written.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _server.StopAsync(PosixSignals.Interrupt, cancellationToken);

    /// <summary>As <c>kill -9</c>: nothing is said to anyone.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => _server.KillAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (Disk is not null)
            await Disk.DisposeAsync();
        _guard.Dispose();
        _folder.Dispose();
    }

    private string Data => Path.Combine(Disk?.Path ?? _folder.Path, "data");

    private static IEnumerable<int> ChildrenOf(int process) =>
        File.ReadAllText($"/proc/{process}/task/{process}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(child => int.Parse(child, CultureInfo.InvariantCulture));

    /// <returns>False if the process has ended.</returns>
    private static bool TrySignal(Action<int> signal, int process)
    {
        try
        {
            signal(process);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static string? FindBinaries() => Directory.Exists(Package)
        ? Directory.GetDirectories(Package).Select(version => Path.Combine(version, "bin"))
            .Where(folder => File.Exists(Path.Combine(folder, "postgres"))).OrderDescending().FirstOrDefault()
        : null;

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        Port = FreePorts.Take(1)[0];
        var passwordFile = Path.Combine(_folder.Path, "password");
        await File.WriteAllTextAsync(passwordFile, Password, cancellationToken);
        if (Environment.IsPrivilegedProcess)
        {
            using var own = Process.Start("chown", ["-R", "postgres:postgres", _folder.Path]);
            await own.WaitForExitAsync(cancellationToken);
        }
        await RunAsync(
            "initdb", ["-D", Data, "-U", User, "--pwfile", passwordFile, "--auth=scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync"],
            cancellationToken);
        await File.AppendAllTextAsync(
            Path.Combine(Data, "postgresql.conf"),
            $"\nport = {Port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n{_configuration}\n", cancellationToken);
    }

    private void StartGuarded()
    {
        var process = Start("postgres", ["-D", Data]);
        _guard.Watch(_folder.Path, process.Id);
        _server.Run(process);
    }

    private async Task RunAsync(string program, string[] arguments, CancellationToken cancellationToken)
    {
        using var process = Start(program, arguments);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} gave {process.ExitCode}: {await File.ReadAllTextAsync(LogFile, cancellationToken)}");
    }

    private Process Start(string program, string[] arguments)
    {
        string[] asOther = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        // exec keeps the process id; the output goes to a file, where nobody has to read it.
        var start = new ProcessStartInfo(
            "/bin/sh", ["-c", $"exec \"$@\" </dev/null >>'{LogFile}' 2>&1", "sh", .. asOther, Path.Combine(_binaries, program), .. arguments])
        {
            WorkingDirectory = _folder.Path,
            Environment = { ["PGPASSWORD"] = Password },
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"cannot start {program}");
    }
}
