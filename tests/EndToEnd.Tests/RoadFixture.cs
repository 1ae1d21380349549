using System.Diagnostics;
using Millrace.Testing;

namespace Millrace.EndToEnd.Tests;

/// <summary>One broker, the whole suite on it as a process with a SQLite file, and the Python worker beside it.</summary>
public sealed class RoadFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("road");
    private Process? _worker;

    public RabbitMqNode Broker { get; private set; } = null!;

    public MillraceProcess Suite { get; private set; } = null!;

    public ManagerClient Manager { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Broker = await RabbitMqNode.StartAsync();
        var workflows = Directory.CreateDirectory(Path.Combine(_folder.Path, "workflows")).FullName;
        File.Copy(Path.Combine(Repository.Infra, "workflows", "enrich-post.yaml"), Path.Combine(workflows, "enrich-post.yaml"));
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Workflows", "shout.yaml"), Path.Combine(workflows, "shout.yaml"));
        Suite = await MillraceProcess.ServeAsync("up", "--broker", Broker.Url, "--store", "sqlite:" + Path.Combine(_folder.Path, "road.db"), "--workflows", workflows);
        Manager = new ManagerClient(Suite.Url);
        _worker = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "Workers", "shout.py"), Broker.Url]) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await _worker.StandardOutput.ReadLineAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null)
        {
            _worker.Kill();
            _worker.Dispose();
        }
        Manager?.Dispose();
        if (Suite is not null)
            await Suite.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        _folder.Dispose();
    }
}
