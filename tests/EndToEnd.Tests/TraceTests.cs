using System.Text;
using Millrace.Testing;
using Millrace.Testing.Otlp;
using RabbitMQ.Client;

namespace Millrace.EndToEnd.Tests;

/// <summary>A manager and a worker as processes of their own on a real broker, both of which tell the same receiver what they do.</summary>
public sealed class TraceTests : IAsyncLifetime
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string SenderSpanId = "00f067aa0ba902b7";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new("trace");
    private OtlpReceiver _seq = null!;
    private RabbitMqNode _broker = null!;
    private MillraceProcess _worker = null!;
    private MillraceProcess _suite = null!;
    private ManagerClient _manager = null!;

    public async ValueTask InitializeAsync()
    {
        _seq = await OtlpReceiver.StartAsync();
        _broker = await RabbitMqNode.StartAsync();
        var workflows = Directory.CreateDirectory(Path.Combine(_folder.Path, "workflows")).FullName;
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Workflows", "clean.yaml"), Path.Combine(workflows, "clean.yaml"));
        string[] common = ["--broker", _broker.Url, "--seq", _seq.Url, "--log-level", "Debug", "--store", "sqlite:" + Path.Combine(_folder.Path, "trace.db")];
        _suite = await MillraceProcess.ServeAsync(["run", "workflow-manager", .. common, "--workflows", workflows]);
        _worker = await MillraceProcess.ServeAsync(["run", "preprocessing", .. common]);
        _manager = new ManagerClient(_suite.Url);
    }

    [Fact]
    public async Task One_trace_leads_from_the_sender_through_manager_and_worker_to_the_result()
    {
        await using var connection = await new ConnectionFactory { Uri = new Uri(_broker.Url) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var results = (await channel.QueueDeclareAsync()).QueueName;
        await channel.ExchangeDeclareAsync("results", ExchangeType.Topic, durable: true);
        await channel.QueueBindAsync(results, "results", "clean-post.#");

        await channel.BasicPublishAsync("ingest", "clean-post", mandatory: true, new BasicProperties
        {
            ContentType = "application/json",
            Headers = new Dictionary<string, object?> { ["traceparent"] = $"00-{TraceId}-{SenderSpanId}-01" },
        }, Encoding.UTF8.GetBytes("""{"uri":"traced","text":"A quiet afternoon at the library."}"""));
        var result = await ResultAsync(channel, results);
        var id = (await _manager.GetAsync("api/requests?key=traced"))["items"]![0]!["id"]!.ToString();

        await ManagerClient.EventuallyAsync(() => Task.FromResult(SpanNames().Count >= 2), Limit, () => Task.FromResult("spans: " + string.Join(", ", SpanNames())));
        await ManagerClient.EventuallyAsync(() => Task.FromResult(Services(id).Count >= 2), Limit, () => Task.FromResult("log lines of: " + string.Join(", ", Services(id))));
        var request = Assert.Single(_seq.Spans, span => span.Name == "request clean-post");
        var work = Assert.Single(_seq.Spans, span => span.Name == "process preprocessing");
        Assert.All([request, work], span => Assert.Equal((TraceId, SenderSpanId), (span.TraceId, span.ParentSpanId)));
        Assert.NotEqual(request.SpanId, work.SpanId);
        Assert.Equal(id, request.Attributes["millrace.request_id"]);
        Assert.Equal(["preprocessing", "workflow-manager"], Services(id));
        Assert.All(_seq.Logs.Where(line => IsOf(line, id) && line.Attributes["Service"] == "preprocessing"), line => Assert.Equal(TraceId, line.TraceId));
        Assert.Contains(TraceId, Encoding.UTF8.GetString((byte[])result.BasicProperties.Headers!["traceparent"]!), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        _manager?.Dispose();
        foreach (var process in (MillraceProcess?[])[_worker, _suite])
        {
            if (process is not null)
                await process.DisposeAsync();
        }
        if (_broker is not null)
            await _broker.DisposeAsync();
        if (_seq is not null)
            await _seq.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<BasicGetResult> ResultAsync(IChannel channel, string queue)
    {
        BasicGetResult? result = null;
        await ManagerClient.EventuallyAsync(
            async () => (result = await channel.BasicGetAsync(queue, autoAck: true)) is not null, Limit, () => Task.FromResult("no result was published"));
        return result!;
    }

    private HashSet<string> SpanNames() => [.. _seq.Spans.Where(span => span.TraceId == TraceId).Select(span => span.Name)];

    private SortedSet<string> Services(string id) => [.. _seq.Logs.Where(line => IsOf(line, id)).Select(line => line.Attributes["Service"])];

    private static bool IsOf(ReceivedLog line, string id) => line.Attributes.GetValueOrDefault("RequestId") == id;
}
