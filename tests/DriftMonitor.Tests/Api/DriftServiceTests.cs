using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;

namespace Millrace.DriftMonitor.Tests.Api;

/// <summary>The whole service with an in-memory bus and SQLite: results go in, alarms and views come out.</summary>
public sealed class DriftServiceTests : IAsyncLifetime
{
    private const string Toxicity = "scores.TOXICITY@team/scorer";

    private readonly ListLogger<AlarmSender> _logs = new();
    private readonly Channel<IncomingMessage> _alarms = Channel.CreateUnbounded<IncomingMessage>();
    private IMillraceStore _store = null!;
    private WebApplication _app = null!;
    private HttpClient _client = null!;
    private int _posts;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private IMessageBus Bus => _app.Services.GetRequiredService<IMessageBus>();

    public async ValueTask InitializeAsync()
    {
        _store = await StoreFactory.OpenAsync("memory:", cancellationToken: Token);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["urls"] = "http://127.0.0.1:0",
            ["Drift:ReferencePosts"] = "100",
            ["Drift:WindowPosts"] = "50",
            ["Drift:TestEveryPosts"] = "50",
            ["Drift:Frequencies"] = "32",
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ILogger<AlarmSender>>(_logs);
        builder.Services.AddSingleton(_store);
        builder.Services.AddMessageBus("memory:");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase)));
        builder.AddDriftMonitor();
        builder.Services.AddAuthorizationBuilder().AddPolicy(AccessRoles.Operate, policy => policy.RequireAssertion(_ => true));
        _app = builder.Build();
        _app.UseAuthorization();
        _app.MapDriftMonitor();
        await _app.StartAsync(Token);
        _client = new HttpClient { BaseAddress = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
        await Bus.ConsumeAsync(
            new ConsumerOptions { Queue = "alarms", Bindings = [(Wire.ResultsExchange, "drift.alarm")] },
            (message, cancellation) => _alarms.Writer.WriteAsync(message with { Body = message.Body.ToArray() }, cancellation).AsTask(), Token);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_change_of_one_score_is_told_on_the_bus_in_the_log_as_a_metric_and_over_rest()
    {
        var counted = 0L;
        using var listener = Count("millrace.drift.alarms", Toxicity, value => Interlocked.Add(ref counted, value));
        await SendAsync(150, toxicity: 0.1, insult: 0.2);
        await SendAsync(50, toxicity: 0.8, insult: 0.2);

        var message = await _alarms.Reader.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);

        var alarm = JsonNode.Parse(message.Body.Span)!;
        Assert.Equal(Toxicity, alarm["detector"]!.ToString());
        Assert.Equal(message.Properties.MessageId, alarm["id"]!.ToString());
        Assert.True((bool)alarm["test"]!["alarm"]!);
        Assert.StartsWith("post 1", alarm["driving"]![0]!["post"]!.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, Interlocked.Read(ref counted));
        Assert.Single(_logs.Messages, line => line.StartsWith($"Warning: Drift of {Toxicity}: MMD²", StringComparison.Ordinal));
        var view = await GetAsync("/api/drift/" + Uri.EscapeDataString(Toxicity));
        Assert.True((bool)view["drifting"]!);
        Assert.Equal((1, 100, 50, 200), ((int)view["dimensions"]!, (int)view["referencePosts"]!, (int)view["currentPosts"]!, (int)view["seen"]!));
        Assert.Equal([false, true], view["history"]!.AsArray().Select(test => (bool)test!["alarm"]!));
        Assert.False((bool)(await GetAsync("/api/drift/scores.INSULT@team%2Fscorer"))["drifting"]!);
        Assert.False(_alarms.Reader.TryRead(out _));
    }

    [Fact]
    public async Task Adopting_needs_a_full_window_and_makes_it_the_normal()
    {
        var reference = $"/api/drift/{Uri.EscapeDataString(Toxicity)}/reference";
        await SendAsync(120, toxicity: 0.1, insult: 0.2);
        await SeenAsync(120);
        await ProblemAsync(HttpStatusCode.Conflict, "urn:millrace:window-not-full", await _client.PostAsync(reference, null, Token));

        await SendAsync(30, toxicity: 0.1, insult: 0.2);
        await SeenAsync(150);
        using var adopted = await _client.PostAsync(reference, null, Token);

        Assert.Equal(HttpStatusCode.NoContent, adopted.StatusCode);
        var view = await GetAsync("/api/drift/" + Uri.EscapeDataString(Toxicity));
        Assert.Equal((2, 50, 0), ((int)view["referenceVersion"]!, (int)view["referencePosts"]!, (int)view["currentPosts"]!));
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/statistic.svg")]
    [InlineData("GET", "/windows.svg")]
    [InlineData("POST", "/reference")]
    public async Task A_detector_that_is_not_there_is_told_as_a_problem(string method, string rest)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/drift/none" + rest);

        await ProblemAsync(HttpStatusCode.NotFound, "urn:millrace:unknown-detector", await _client.SendAsync(request, Token));
    }

    [Fact]
    public async Task What_no_detector_takes_is_shown_and_the_pictures_are_svg()
    {
        await SendAsync(1, toxicity: 0.1, insult: 0.2);
        await PublishAsync("""{"id":"odd","result":{"embedding":"no base64!","scores":{"TOXICITY":0.3},"model_revision":"team/scorer"}}""");
        await SeenAsync(2);

        var list = await GetAsync("/api/drift");

        Assert.Equal(["scores.INSULT@team/scorer", Toxicity], list["items"]!.AsArray().Select(item => item!["name"]!.ToString()));
        Assert.Equal("""[{"name":"embedding","reason":"unreadable","count":1}]""", list["ignored"]!.ToJsonString());
        foreach (var picture in (string[])["statistic.svg", "windows.svg"])
        {
            using var answer = await _client.GetAsync($"/api/drift/{Uri.EscapeDataString(Toxicity)}/{picture}", Token);
            Assert.Equal("image/svg+xml", answer.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith("<svg", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_result_that_is_no_json_goes_to_the_dead_letters_at_once()
    {
        var dead = Channel.CreateUnbounded<IncomingMessage>();
        await Bus.ConsumeAsync(
            new ConsumerOptions { Queue = Wire.DeadLetterQueue }, (message, cancellation) => dead.Writer.WriteAsync(message, cancellation).AsTask(), Token);

        await PublishAsync("{no json");

        var message = await dead.Reader.ReadAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Contains("no JSON", message.Properties.Headers["reason"], StringComparison.Ordinal);
    }

    private async Task SendAsync(int posts, double toxicity, double insult)
    {
        for (var i = 0; i < posts; i++)
        {
            var spread = _posts % 10 / 200.0;
            await PublishAsync(JsonSerializer.Serialize(new
            {
                key = $"post {_posts++}",
                result = new { scores = new { TOXICITY = toxicity + spread, INSULT = insult + spread }, model_revision = "team/scorer" },
            }));
        }
    }

    private async Task PublishAsync(string view)
    {
        var outcomes = await Bus.SendAsync(
            [new OutgoingMessage(Wire.ResultsExchange, "enrich-post.completed", System.Text.Encoding.UTF8.GetBytes(view), MessageProperties.Empty)], Token);
        Assert.All(outcomes, outcome => Assert.Equal(SendOutcomeKind.Confirmed, outcome.Kind));
    }

    private Task SeenAsync(int posts) => Millrace.Testing.ManagerClient.EventuallyAsync(
        async () => (await GetAsync("/api/drift"))["items"]!.AsArray().Any(item => item!["name"]!.ToString() == Toxicity && (int)item["seen"]! == posts),
        TimeSpan.FromSeconds(30), async () => (await GetAsync("/api/drift")).ToJsonString());

    private async Task<JsonNode> GetAsync(string path) => (await _client.GetFromJsonAsync<JsonNode>(path, Token))!;

    private static async Task ProblemAsync(HttpStatusCode status, string type, HttpResponseMessage answer)
    {
        using (answer)
        {
            Assert.Equal(status, answer.StatusCode);
            Assert.Equal(type, (await answer.Content.ReadFromJsonAsync<JsonNode>(Token))!["type"]!.ToString());
        }
    }

    private static MeterListener Count(string instrument, string detector, Action<long> add)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (published, self) =>
            {
                if (published.Name == instrument)
                    self.EnableMeasurementEvents(published);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            if (tags.Contains(new KeyValuePair<string, object?>("detector", detector)))
                add(value);
        });
        listener.Start();
        return listener;
    }
}
