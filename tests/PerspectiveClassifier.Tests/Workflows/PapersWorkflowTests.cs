using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.Testing;
using Millrace.WorkflowManager;
using Millrace.WorkflowManager.Definitions;

namespace Millrace.PerspectiveClassifier.Tests.Workflows;

/// <summary><c>infra/workflows/classify-papers.yaml</c> as it ships, from the post to the result.</summary>
public sealed class PapersWorkflowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new("papers");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Three_classifiers_judge_a_paper_side_by_side_and_their_verdicts_join()
    {
        var reading = WorkflowReader.ReadFolder(Path.GetDirectoryName(Shipped())!);
        Assert.False(reading.HasErrors);
        await using var store = await StoreFactory.OpenAsync("memory:", cancellationToken: Cancel);
        var settings = new Dictionary<string, string?>();
        Add(settings, "topic", """{"activation":"softmax","outputs":[{"name":"physics"},{"name":"biology"}]}""");
        Add(settings, "method", """{"activation":"sigmoid","outputs":[{"name":"survey"},{"name":"experiment"}]}""");
        Add(settings, "quality", """{"activation":"softmax","outputs":[{"name":"weak"},{"name":"strong"}]}""");
        await using var app = await ClassifierFixture.StartAsync(settings, more: services => services
            .AddSingleton(store)
            .AddWorkflowManager(new WorkflowManagerOptions { Workflows = [.. reading.Definitions.Where(workflow => workflow.Name == "classify-papers")], ResendAtStart = false }));
        var bus = app.Services.GetRequiredService<IMessageBus>();
        var results = Channel.CreateBounded<byte[]>(10);
        await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "papers-results", Bindings = [(Wire.ResultsExchange, "classify-papers.*")], Durable = false },
            (message, cancellation) => results.Writer.WriteAsync(message.Body.ToArray(), cancellation).AsTask(),
            Cancel);

        // "idiot" raises the first output, "damn" the second.
        await SendAsync(bus, """{"doi":"10.1/a","title":"Idiot","abstract":"hello world"}""");
        await SendAsync(bus, """{"doi":"10.1/b","title":"hello","abstract":"Der Ausschuss trifft sich am Dienstag. Damn."}""");
        await SendAsync(bus, """{"doi":"10.1/c"}""");
        var ended = new Dictionary<string, JsonElement>();
        while (ended.Count < 3)
        {
            var view = JsonDocument.Parse(await results.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel)).RootElement;
            ended[view.GetProperty("key").GetString()!] = view;
        }

        var first = ended["10.1/a"].GetProperty("result");
        Assert.Equal(("physics", "weak"), (Label(first, "topic"), Label(first, "quality")));
        Assert.Equal(["survey"], first.GetProperty("method").GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        // Other domains are of any language.
        var second = ended["10.1/b"].GetProperty("result");
        Assert.Equal(("biology", "strong"), (Label(second, "topic"), Label(second, "quality")));
        Assert.Equal(["experiment"], second.GetProperty("method").GetProperty("labels").EnumerateArray().Select(label => label.GetString()));
        Assert.Equal("failed", ended["10.1/c"].GetProperty("status").GetString());
    }

    private static string? Label(JsonElement result, string classifier) => result.GetProperty(classifier).GetProperty("label").GetString();

    /// <summary>As the file's own head says it.</summary>
    private void Add(Dictionary<string, string?> settings, string name, string labels)
    {
        var prefix = $"Classifier:Instances:{name}";
        settings[$"{prefix}:Queue"] = $"papers-{name}";
        settings[$"{prefix}:Model"] = TinyClassifier.Write(Path.Combine(_folder.Path, name), labels);
        settings[$"{prefix}:Output"] = "Scores";
        settings[$"{prefix}:TextFields:0"] = "title";
        settings[$"{prefix}:TextFields:1"] = "abstract";
        settings[$"{prefix}:MaxTextBytes"] = "100000";
    }

    private static async Task SendAsync(IMessageBus bus, string paper)
    {
        var sent = await bus.SendAsync([new OutgoingMessage(Wire.IngestExchange, "classify-papers", Encoding.UTF8.GetBytes(paper), MessageProperties.Empty)], Cancel);
        Assert.Equal(SendOutcomeKind.Confirmed, sent[0].Kind);
    }

    private static string Shipped()
    {
        const string file = "infra/workflows/classify-papers.yaml";
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, file)))
            folder = folder.Parent;
        return Path.Combine(folder!.FullName, file);
    }
}
