using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Tutorial;

/// <summary>A broker and the suite on it, with the page's workflow and nothing else.</summary>
public sealed class TutorialFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new("tutorial");
    private MillraceProcess? _suite;

    public RabbitMqNode Broker { get; private set; } = null!;

    public ManagerClient Manager { get; private set; } = null!;

    /// <summary>For what a reader would write.</summary>
    public string Folder => _folder.Path;

    public string WorkflowFile => Path.Combine(Folder, "my-workflows", "filtered.yaml");

    public async ValueTask InitializeAsync()
    {
        Broker = await RabbitMqNode.StartAsync();
        var workflows = Directory.CreateDirectory(Path.GetDirectoryName(WorkflowFile)!).FullName;
        await File.WriteAllTextAsync(WorkflowFile, TutorialPage.Block("yaml", Broker));
        _suite = await MillraceProcess.ServeAsync(
            "up", "--broker", Broker.Url, "--store", "sqlite:" + Path.Combine(Folder, "tutorial.db"), "--workflows", workflows);
        Manager = new ManagerClient(_suite.Url);
    }

    public async ValueTask DisposeAsync()
    {
        Manager?.Dispose();
        if (_suite is not null)
            await _suite.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        _folder.Dispose();
    }
}
