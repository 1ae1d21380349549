using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Testing;
using RabbitMQ.Client;

namespace Millrace.EndToEnd.Tests;

/// <summary>
/// A manager on a real broker with an attack in whatever strangers may fill in: a post, a worker's error, a dead letter's body, reason
/// and routing key, and the name of the key with which workflow and step were paused.
/// </summary>
public sealed class AttackFixture : IAsyncLifetime
{
    /// <summary>Changes the page's title if any of it is ever taken for HTML.</summary>
    public const string Attack = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>";

    public const string Workflow = "attacked";

    private const string Queue = "attacked-work";

    private readonly TemporaryFolder _folder = new("attack");
    private RabbitMqNode _broker = null!;
    private MillraceProcess _suite = null!;
    private ManagerClient _manager = null!;

    public string Url => _suite.Url;

    public string Key { get; private set; } = "";

    /// <summary>A request that failed with the attack as its error.</summary>
    public string Failed { get; private set; } = "";

    /// <summary>A request that waits because its step is paused by the attack.</summary>
    public string Held { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        _broker = await RabbitMqNode.StartAsync();
        await StartSuiteAsync();
        await using var connection = await new ConnectionFactory { Uri = new Uri(_broker.Url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        Failed = await SubmitAsync(Attack);
        await FailAsync(channel);
        await _manager.FinishedAsync(Failed);
        await _manager.PostAsync($"api/workflows/{Workflow}/steps/work/pause");
        Held = await SubmitAsync(Attack + "held");
        await _manager.PostAsync($"api/workflows/{Workflow}/pause");
        await BuryAsync(channel);
    }

    public async ValueTask DisposeAsync()
    {
        _manager?.Dispose();
        if (_suite is not null)
            await _suite.DisposeAsync();
        if (_broker is not null)
            await _broker.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartSuiteAsync()
    {
        var made = JsonNode.Parse((await MillraceProcess.RunAsync(["key", "boss", "--role", "operate", "--json"])).Output)!;
        Key = made["key"]!.ToString();
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "attacked.yaml"), $$"""
            workflows:
              - name: {{Workflow}}
                key: uri
                steps:
                  - name: work
                    queue: {{Queue}}
            """);
        var environment = new Dictionary<string, string>
        {
            ["Access__Keys__0__Name"] = Attack,
            ["Access__Keys__0__Sha256"] = made["configuration"]!["sha256"]!.ToString(),
            ["Access__Keys__0__Roles__0"] = "operate",
        };
        _suite = await MillraceProcess.ServeAsync(
            environment, "run", "workflow-manager", "--broker", _broker.Url, "--store", "memory:", "--workflows", _folder.Path);
        _manager = new ManagerClient(_suite.Url);
        _manager.Http.DefaultRequestHeaders.Authorization = new("Bearer", Key);
    }

    private async Task<string> SubmitAsync(string key) =>
        (await _manager.SubmitAsync(Workflow, JsonSerializer.Serialize(new { uri = key, text = Attack })))[0];

    /// <summary>Answers the one message that waits as a worker would that can't do it.</summary>
    private static async Task FailAsync(IChannel channel)
    {
        BasicGetResult? message = null;
        await ManagerClient.EventuallyAsync(
            async () => (message = await channel.BasicGetAsync(Queue, autoAck: true)) is not null, TimeSpan.FromSeconds(60), () => Task.FromResult("no message came"));
        var properties = message!.BasicProperties;
        var reply = new BasicProperties
        {
            CorrelationId = properties.CorrelationId,
            Headers = new Dictionary<string, object?> { ["error"] = JsonSerializer.Serialize(new { type = Attack, message = "No: " + Attack }) },
        };
        await channel.BasicPublishAsync("", properties.ReplyTo!, mandatory: true, reply, ReadOnlyMemory<byte>.Empty);
    }

    private static async Task BuryAsync(IChannel channel)
    {
        var headers = new Dictionary<string, object?> { ["reason"] = "bad: " + Attack, ["first-routing-key"] = Attack, ["first-queue"] = Attack };
        await channel.BasicPublishAsync("", "dead-letter", mandatory: true, new BasicProperties { Headers = headers }, Encoding.UTF8.GetBytes("body: " + Attack));
    }
}
