using Millrace.Testing;

namespace Millrace.EndToEnd.Tests.Foreign;

/// <summary>A broker and a manager with one workflow file, and workers that are added to them.</summary>
internal sealed class ForeignPlace : IAsyncDisposable
{
    private const string PythonProgram = "/usr/bin/python3";
    private const string PythonPackages = "/usr/lib/python3/dist-packages";

    private readonly TemporaryFolder _folder = new("foreign");
    private readonly List<WorkerProcess> _workers = [];
    private RabbitMqNode _broker = null!;
    private MillraceProcess _process = null!;

    public ManagerClient Manager { get; private set; } = null!;

    /// <summary>For what workers write.</summary>
    public string Scratch { get; private set; } = "";

    public string BrokerUrl => _broker.Url;

    public static async Task<ForeignPlace> OpenAsync(string workflowFile)
    {
        var place = new ForeignPlace();
        place.Scratch = Directory.CreateDirectory(Path.Combine(place._folder.Path, "scratch")).FullName;
        var workflows = Directory.CreateDirectory(Path.Combine(place._folder.Path, "workflows")).FullName;
        File.Copy(workflowFile, Path.Combine(workflows, Path.GetFileName(workflowFile)));
        place._broker = await RabbitMqNode.StartAsync();
        place._process = await MillraceProcess.ServeAsync(
            "run", "workflow-manager", "--broker", place._broker.Url, "--store", "sqlite:" + Path.Combine(place._folder.Path, "foreign.db"),
            "--workflows", workflows);
        place.Manager = new ManagerClient(place._process.Url);
        return place;
    }

    public async Task PythonAsync(string folder, params string[] arguments)
    {
        await DebianPackage.InstallAsync("python3-pika", PythonPackages + "/pika/__init__.py");
        Start(PythonProgram, folder, arguments);
    }

    public async Task NodeAsync(string folder, params string[] arguments)
    {
        await NodePackages.InstallAsync();
        Start("node", folder, arguments);
    }

    public async Task StopWorkersAsync()
    {
        foreach (var worker in _workers)
            await worker.DisposeAsync();
        _workers.Clear();
    }

    /// <summary>Accepts one post under the sender's own id and waits for its end.</summary>
    public async Task<System.Text.Json.Nodes.JsonNode> RunAsync(string workflow, string post)
    {
        var ids = await Manager.SubmitAsync(workflow, post);
        return await Manager.FinishedAsync(ids[0], TimeSpan.FromSeconds(60), () => Logs);
    }

    public string Logs => string.Join('\n', _workers.Select(worker => worker.Log)) + _process.Log;

    public async ValueTask DisposeAsync()
    {
        await StopWorkersAsync();
        Manager?.Dispose();
        if (_process is not null)
            await _process.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
    }

    private void Start(string program, string folder, string[] arguments) => _workers.Add(WorkerProcess.Start(
        program, arguments, folder, new Dictionary<string, string>
        {
            ["AMQP_SERVER"] = _broker.Url + "/",
            ["PYTHONPATH"] = folder,
            ["TMPDIR"] = Scratch,
        }));
}
