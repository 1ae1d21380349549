using System.Net.Http.Json;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.PerspectiveClassifier.Classification;
using Millrace.PerspectiveEmulator;
using Millrace.Testing;

namespace Millrace.PerspectiveClassifier.Tests;

public sealed class ClassifierModuleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("classifier");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Several_classifiers_serve_a_queue_each()
    {
        var model = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "toxicity"));
        var papers = TinyClassifier.Write(Path.Combine(_folder.Path, "papers"), """{"activation":"softmax","outputs":[{"name":"physics"},{"name":"biology"}]}""");
        await using var app = await ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:perspective:Model"] = model,
            ["Classifier:Instances:topic:Model"] = papers,
            ["Classifier:Instances:topic:Queue"] = "papers-topic",
            ["Classifier:Instances:topic:Output"] = "Scores",
            ["Classifier:Instances:topic:TextFields:0"] = "title",
            ["Classifier:Instances:topic:TextFields:1"] = "abstract",
        });
        var bus = app.Services.GetRequiredService<IMessageBus>();
        var replies = await InboxAsync(bus);

        var post = await AskAsync(bus, replies, "perspective-classifier", """{"uri":"x","text":"you idiot"}""");
        var german = await AskAsync(bus, replies, "perspective-classifier", """{"uri":"y","text":"Du Idiot","language":{"code":"de","confidence":0.95}}""");
        var paper = await AskAsync(bus, replies, "papers-topic", """{"doi":"1","title":"Idiot","abstract":"hello world"}""");

        Assert.Equal(TinyClassifier.High, post.GetProperty("prob_toxic").GetDouble(), 3);
        Assert.False(german.GetProperty("was_successfully_labeled").GetBoolean());
        Assert.StartsWith("LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE: ", german.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, german.GetProperty("prob_toxic").ValueKind);
        Assert.Equal("onnx", post.GetProperty("provider").GetString());
        Assert.Matches("^[0-9a-f]{12}$", post.GetProperty("model_revision").GetString());
        Assert.Equal("physics", paper.GetProperty("topic").GetProperty("label").GetString());
        using var client = new HttpClient { BaseAddress = app.BaseUrl() };
        var list = (await client.GetFromJsonAsync<JsonElement>("/api/classifier", Cancel)).GetProperty("items");
        Assert.Equal(["perspective", "topic"], list.EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        Assert.Contains("SPAM", list[0].GetProperty("unavailable").EnumerateArray().Select(item => item.GetString()));
        var health = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);
        Assert.Equal(HealthStatus.Healthy, health.Entries["classifier"].Status);
    }

    [Fact]
    public async Task A_list_that_is_written_stands_in_the_place_of_its_default()
    {
        await using var app = await ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:perspective:Model"] = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "toxicity")),
            ["Classifier:Instances:perspective:Attributes:0"] = "TOXICITY",
            ["Classifier:Instances:perspective:TextFields:0"] = "title",
            ["Classifier:Instances:perspective:Languages:0"] = "de",
        });

        var read = app.Services.GetRequiredService<ClassifierOptions>().Instances["perspective"];

        Assert.Equal(["TOXICITY"], read.Attributes);
        Assert.Equal(["title"], read.TextFields);
        Assert.Equal(["de"], read.Languages);
    }

    [Fact]
    public async Task Wrong_options_are_refused_all_at_once()
    {
        var wrong = await Assert.ThrowsAsync<ConfigurationException>(() => ClassifierFixture.StartAsync(new()
        {
            ["Classifier:Instances:a:Provider"] = "Perspective",
            ["Classifier:Instances:a:Perspective:QuotaPermits"] = "0",
            ["Classifier:Instances:b:Model"] = "/nowhere",
            ["Classifier:Instances:b:CalibrationPath"] = "/nowhere/calibration.json",
            ["Classifier:Instances:b:Attributes:0"] = "toxicity",
            ["Classifier:AllowedOrigins:0"] = "known.example",
        }));

        Assert.Equal(7, wrong.Problems.Count);
        Assert.Contains(wrong.Problems, problem => problem.Contains("ApiKey", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("QuotaPermits", StringComparison.Ordinal));
        Assert.Contains(wrong.Problems, problem => problem.Contains("same queue", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1", "1", true)]
    [InlineData("0.5", "0.5", false)]
    public async Task Two_classifiers_with_one_key_must_share_its_quota(string first, string second, bool refused)
    {
        var settings = new Dictionary<string, string?>();
        foreach (var (name, share) in new[] { ("a", first), ("b", second) })
        {
            settings[$"Classifier:Instances:{name}:Provider"] = "Perspective";
            settings[$"Classifier:Instances:{name}:Queue"] = name;
            settings[$"Classifier:Instances:{name}:Perspective:ApiKey"] = "key";
            settings[$"Classifier:Instances:{name}:Perspective:QuotaShare"] = share;
        }

        if (refused)
            Assert.Contains("a and b call", Assert.Single((await Assert.ThrowsAsync<ConfigurationException>(() => ClassifierFixture.StartAsync(settings))).Problems), StringComparison.Ordinal);
        else
            await (await ClassifierFixture.StartAsync(settings)).DisposeAsync();
    }

    /// <summary>Each call takes a second and a half here: a batch of 20 that was called one after another would not be answered within the 20 s that are waited.</summary>
    [Fact]
    public async Task A_batch_for_a_remote_API_is_called_side_by_side()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { LatencyMs = 1_500, LatencyJitterMs = 0 }, Cancel);
        await using var app = await ClassifierFixture.StartAsync(Remote(remote));
        var bus = app.Services.GetRequiredService<IMessageBus>();
        var replies = await InboxAsync(bus);
        var items = Enumerable.Range(0, 20).Select(number => $$"""{"correlationId":"{{Guid.Empty}}:step{{number}}","attempt":1,"input":{"uri":"x","text":"hello {{number}}","language":"en"} }""");

        var reply = await AskAsync(bus, replies, "perspective-classifier", $"[{string.Join(",", items)}]", batch: 20);

        Assert.Equal(20, reply.EnumerateArray().Count(item => item.GetProperty("output").GetProperty("was_successfully_labeled").GetBoolean()));
    }

    [Fact]
    public async Task What_keeps_a_remote_provider_from_working_shows_in_the_list_and_in_health()
    {
        await using var remote = await PerspectiveServer.StartAsync(new() { ApiKeys = ["right"] }, Cancel);
        await using var app = await ClassifierFixture.StartAsync(Remote(remote));
        await app.Services.GetRequiredService<ClassifierSet>().Find("remote")!.Provider.ClassifyAsync([new PostToClassify("x", "hello", "en")], Cancel);
        using var client = new HttpClient { BaseAddress = app.BaseUrl() };

        var shown = (await client.GetFromJsonAsync<JsonElement>("/api/classifier", Cancel)).GetProperty("items")[0].GetProperty("problem").GetString();
        var health = await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel);

        Assert.Contains("API_KEY_INVALID", shown, StringComparison.Ordinal);
        Assert.Equal((HealthStatus.Unhealthy, shown), (health.Entries["classifier"].Status, health.Entries["classifier"].Description));
    }

    /// <summary>A service that is not ready is sent no work: what still works must not be taken out with what does not.</summary>
    [Theory]
    [InlineData("Shadow")]
    [InlineData("Onnx")]
    public async Task A_refused_key_only_degrades_a_service_in_which_something_else_works(string other)
    {
        var model = TinyClassifier.WriteDetoxify(Path.Combine(_folder.Path, "toxicity"));
        await using var remote = await PerspectiveServer.StartAsync(new() { ApiKeys = ["right"] }, Cancel);
        var settings = Remote(remote);
        var name = other == "Shadow" ? "remote" : "local";
        settings[$"Classifier:Instances:{name}:Provider"] = other;
        settings[$"Classifier:Instances:{name}:Model"] = model;
        settings[$"Classifier:Instances:{name}:Queue"] = "another";
        await using var app = await ClassifierFixture.StartAsync(settings);
        await app.Services.GetRequiredService<ClassifierSet>().Find("remote")!.Provider.ClassifyAsync([new PostToClassify("x", "hello", "en")], Cancel);

        var health = (await app.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancel)).Entries["classifier"];

        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("API_KEY_INVALID", health.Description, StringComparison.Ordinal);
    }

    private static Dictionary<string, string?> Remote(PerspectiveServer remote) => new()
    {
        ["Classifier:Instances:remote:Provider"] = "Perspective",
        ["Classifier:Instances:remote:Perspective:BaseUrl"] = remote.BaseUrl.ToString(),
        ["Classifier:Instances:remote:Perspective:ApiKey"] = "wrong",
        ["Classifier:Instances:remote:Perspective:QuotaPermits"] = "100000",
    };

    private static async Task<ChannelReader<byte[]>> InboxAsync(IMessageBus bus)
    {
        var replies = Channel.CreateBounded<byte[]>(10);
        await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "replies" }, (message, cancellation) => replies.Writer.WriteAsync(message.Body.ToArray(), cancellation).AsTask(), Cancel);
        return replies.Reader;
    }

    private static async Task<JsonElement> AskAsync(IMessageBus bus, ChannelReader<byte[]> replies, string queue, string json, int batch = 0)
    {
        var properties = new MessageProperties { CorrelationId = $"{Guid.Empty}:step", ReplyTo = "replies" };
        if (batch > 0)
            properties = properties with { Headers = new Dictionary<string, string> { [Wire.BatchHeader] = $"{batch}" } };
        var sent = await bus.SendAsync([new OutgoingMessage("", queue, System.Text.Encoding.UTF8.GetBytes(json), properties)], Cancel);
        Assert.Equal(SendOutcomeKind.Confirmed, sent[0].Kind);
        return JsonDocument.Parse(await replies.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancel)).RootElement;
    }
}
