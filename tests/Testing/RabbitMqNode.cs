using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;

namespace Millrace.Testing;

/// <summary>
/// A private RabbitMQ node on 127.0.0.1 from Debian's package: own name, ports, epmd and folder, so that any number of test
/// runs stand beside each other and beside a system broker. The node ends with the test process, even if that is killed.
/// </summary>
public sealed class RabbitMqNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("rabbitmq");
    private readonly string _extraConfiguration;
    private readonly RabbitMqNode? _joined;
    private readonly ProcessGuard _guard = new();
    private Process? _epmd;
    private readonly ServerProcess _server = new();
    private int _epmdPort;
    private int _distributionPort;

    private RabbitMqNode(string extraConfiguration, RabbitMqNode? joined) => (_extraConfiguration, _joined) = (extraConfiguration, joined);

    /// <summary>Where AMQP is spoken; kept across restarts.</summary>
    public int Port { get; private set; }

    /// <summary>A second port, free at the start, for a listener that the extra configuration names as <c>{tls-port}</c>.</summary>
    public int TlsPort { get; private set; }

    public string Url => $"amqp://guest:guest@127.0.0.1:{Port}";

    /// <summary>The broker's own process while it runs.</summary>
    public int? ProcessId => _server.Id;

    public string LogFile => Path.Combine(_folder.Path, "log", "node.log");

    private string Name => $"millrace-{Port}@localhost";

    private string CookieFile => Path.Combine(_folder.Path, ".erlang.cookie");

    /// <param name="extraConfiguration">Lines for rabbitmq.conf.</param>
    /// <param name="joins">A node of the cluster that it becomes a part of, and that ends after it.</param>
    public static async Task<RabbitMqNode> StartAsync(
        string extraConfiguration = "", RabbitMqNode? joins = null, CancellationToken cancellationToken = default)
    {
        await DebianPackage.InstallAsync("rabbitmq-server", RabbitMqPaths.Server, cancellationToken);
        return await ServerProcess.StartAsync(() => new RabbitMqNode(extraConfiguration, joins), async node =>
        {
            await node.PrepareAsync(cancellationToken);
            await node.StartServerAsync(cancellationToken);
            if (joins is not null)
                await node.JoinAsync(joins.Name, cancellationToken);
        });
    }

    /// <summary>Starts a stopped or killed node again, on the same port and data; returns when it accepts connections.</summary>
    public async Task StartServerAsync(CancellationToken cancellationToken = default)
    {
        var process = Start(RabbitMqPaths.Server, []);
        _guard.Watch(_folder.Path, [process.Id, .. _epmd is null ? [] : (int[])[_epmd.Id]]);
        _server.Run(process);
        var started = Stopwatch.GetTimestamp();
        while (!await AcceptsAsync(cancellationToken))
        {
            if (_server.HasExited || Stopwatch.GetElapsedTime(started) > StartLimit)
                throw new InvalidOperationException($"RabbitMQ did not start: {ReadLog()}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Ends the node in order: it writes what it holds and closes its connections.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _server.StopAsync(PosixSignals.Terminate, cancellationToken);

    /// <summary>As <c>kill -9</c>: nothing is said to anyone.</summary>
    public Task KillAsync(CancellationToken cancellationToken = default) => _server.KillAsync(cancellationToken);

    public async Task RestartAsync(CancellationToken cancellationToken = default)
    {
        await StopAsync(cancellationToken);
        await StartServerAsync(cancellationToken);
    }

    /// <summary>Runs <c>rabbitmqctl</c> (or another of its tools) against this node; takes about two seconds.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> ControlAsync(string[] arguments, string tool = "rabbitmqctl", CancellationToken cancellationToken = default)
    {
        using var control = Start(Path.Combine(RabbitMqPaths.Folder, tool), arguments, collect: true);
        var errors = control.StandardError.ReadToEndAsync(cancellationToken);
        var output = await control.StandardOutput.ReadToEndAsync(cancellationToken);
        await control.WaitForExitAsync(cancellationToken);
        return control.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{tool} {string.Join(' ', arguments)} gave {control.ExitCode}: {output}{await errors}");
    }

    /// <summary>Evaluates an Erlang expression on the node.</summary>
    public Task<string> EvaluateAsync(string expression, CancellationToken cancellationToken = default) =>
        ControlAsync(["eval", expression], cancellationToken: cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (_epmd is { HasExited: false })
        {
            _epmd.Kill();
            await _epmd.WaitForExitAsync();
        }
        _guard.Dispose();
        _folder.Dispose();
    }

    private async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var ports = FreePorts.Take(4);
        (Port, TlsPort, _epmdPort, _distributionPort) = (ports[0], ports[1], ports[2], ports[3]);
        var configuration = $"""
            listeners.tcp.1 = 127.0.0.1:{Port}
            disk_free_limit.absolute = 50MB
            {_extraConfiguration.Replace("{tls-port}", TlsPort.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)}

            """;
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "rabbitmq.conf"), configuration, cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "enabled_plugins"), "[].\n", cancellationToken);
        if (_joined is not null)
        {
            _epmdPort = _joined._epmdPort;
            File.Copy(_joined.CookieFile, CookieFile);
            return;
        }
        // Started here and not by the node, so that its process id is known and it can be ended.
        _epmd = Start("epmd", ["-port", _epmdPort.ToString(CultureInfo.InvariantCulture), "-address", "127.0.0.1"]);
    }

    private async Task JoinAsync(string other, CancellationToken cancellationToken)
    {
        foreach (var step in (string[][])[["stop_app"], ["join_cluster", other], ["start_app"]])
            await ControlAsync(step, cancellationToken: cancellationToken);
    }

    private Process Start(string program, string[] arguments, bool collect = false)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = collect,
            RedirectStandardError = collect,
            WorkingDirectory = _folder.Path,
        };
        // exec keeps the process id; the output of what runs long goes to a file, where nobody has to read it.
        var redirect = collect ? "" : $" </dev/null >>'{Path.Combine(_folder.Path, "output.log")}' 2>&1";
        foreach (var argument in (string[])["-c", $"exec \"$@\"{redirect}", "sh", program, .. arguments])
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in NodeEnvironment())
            start.Environment[name] = value;
        return Process.Start(start) ?? throw new InvalidOperationException($"cannot start {program}");
    }

    private Dictionary<string, string> NodeEnvironment() => new()
    {
        ["HOME"] = _folder.Path,
        ["ERL_EPMD_PORT"] = _epmdPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_NODENAME"] = Name,
        ["RABBITMQ_DIST_PORT"] = _distributionPort.ToString(CultureInfo.InvariantCulture),
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder.Path, "rabbitmq.conf"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder.Path, "enabled_plugins"),
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder.Path, "data"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder.Path, "log"),
        ["RABBITMQ_LOGS"] = LogFile,
        ["RABBITMQ_PID_FILE"] = Path.Combine(_folder.Path, "node.pid"),
        // With this the start script replaces itself by the broker, whose process id is then ours.
        ["RABBITMQ_ALLOW_INPUT"] = "1",
        // Schedulers that wait busily take the cores from whatever is tested.
        ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-noinput +sbwt none +sbwtdcpu none +sbwtdio none",
    };

    /// <summary>The port may be open before the node serves; its first frame says that it does.</summary>
    private async Task<bool> AcceptsAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(2));
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port, patience.Token);
            var stream = client.GetStream();
            await stream.WriteAsync("AMQP\0\0\x9\x1"u8.ToArray(), patience.Token);
            var frame = new byte[7];
            await stream.ReadExactlyAsync(frame, patience.Token);
            return frame[0] == 1;
        }
        catch (Exception exception) when (exception is SocketException or IOException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }

    private string ReadLog()
    {
        var output = Path.Combine(_folder.Path, "output.log");
        return string.Concat(new[] { output, LogFile }.Where(File.Exists).Select(File.ReadAllText)) is var text && text.Length > 4000 ? text[^4000..] : text;
    }
}
