using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>One manager on a bus and a store that it does not own, as a process would run it.</summary>
internal sealed class TestManager : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ServiceProvider _services;
    private readonly CancellationTokenSource _patience = new(Patience);

    private TestManager(ServiceProvider services) => _services = services;

    public CancellationToken Token => _patience.Token;

    public static async Task<TestManager> StartAsync(
        IMessageBus bus, IMillraceStore store, WorkflowManagerOptions options, TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new TestLogs()).SetMinimumLevel(LogLevel.Warning));
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddSingleton(bus);
        services.AddSingleton(store);
        services.AddWorkflowManager(options);
        var manager = new TestManager(services.BuildServiceProvider());
        foreach (var hosted in manager._services.GetServices<IHostedService>())
            await hosted.StartAsync(manager.Token);
        return manager;
    }

    public T Get<T>() where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Returns when the works, which came together, are done and saved.</summary>
    public Task DoAsync(params IReadOnlyList<RequestWork> works) => Get<WorkInbox>().RunAsync(works, Token);

    /// <summary>The request once it has ended.</summary>
    public Task<RequestView> FinishAsync(Guid id) => UntilAsync(id, view => view.Status != "running");

    public async Task<RequestView> UntilAsync(Guid id, Func<RequestView, bool> holds)
    {
        while (true)
        {
            using var changes = Get<RequestWatch>().Subscribe(id);
            if (await FindAsync(id) is { } view && holds(view))
                return view;
            await Task.WhenAny(changes.Change, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Token));
            Token.ThrowIfCancellationRequested();
        }
    }

    public async Task<RequestView?> FindAsync(Guid id)
    {
        var stored = (await Get<IMillraceStore>().Requests.LoadAsync([id], Token))[0];
        if (stored is null)
            return null;
        var request = await RunningRequest.ReadAsync(stored, Get<WorkflowCatalog>(), Token);
        return RequestViews.Show(request, await Get<WhyFinder>().FindAsync(request, Token));
    }

    public async Task<IReadOnlyList<TimelineEventView>> TimelineAsync(Guid id) =>
        [.. (await Get<IMillraceStore>().Requests.ReadTimelineAsync(id, 0, Token)).SelectMany(WorkflowManager.Runtime.Codec.TimelineCodec.Read)];

    public async Task StopAsync()
    {
        foreach (var hosted in _services.GetServices<IHostedService>().Reverse())
            await hosted.StopAsync(Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
        _patience.Dispose();
    }
}

/// <summary>Warnings and worse, beside the output of the test.</summary>
internal sealed class TestLogs : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new TestLog(categoryName);

    public void Dispose()
    {
    }

    private sealed class TestLog(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            TestContext.Current.TestOutputHelper?.WriteLine($"{category}: {formatter(state, exception)} {exception}");
    }
}

internal static class TestWorkflows
{
    public static string Hash(string text) =>
        Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Steps one after the other.</summary>
    public static WorkflowDefinition Chain(string name, params string[] steps) => new()
    {
        Name = name,
        Hash = Hash(name + string.Join(',', steps)),
        Key = "uri",
        Steps = [.. steps.Select((step, index) => new StepDefinition { Name = step, Depends = index == 0 ? [] : [steps[index - 1]] })],
    };

    /// <summary>The second and the third step run beside each other between the first and the last.</summary>
    public static WorkflowDefinition Diamond(string name, string first, string left, string right, string last) => new()
    {
        Name = name,
        Hash = Hash(name + first + left + right + last),
        Key = "uri",
        Steps =
        [
            new StepDefinition { Name = first },
            new StepDefinition { Name = left, Depends = [first] },
            new StepDefinition { Name = right, Depends = [first] },
            new StepDefinition { Name = last, Depends = [left, right] },
        ],
    };

    /// <summary>One step that runs a task of one step for each item of a list.</summary>
    public static WorkflowDefinition FanOut(string name, string listKey, string step) => new()
    {
        Name = name,
        Hash = Hash($"{name} {listKey} {step}"),
        Key = "uri",
        Steps = [new StepDefinition { Name = "all", Task = "each" }],
        Tasks = [new TaskDefinition { Name = "each", ItemListKey = listKey, Steps = [new StepDefinition { Name = step }] }],
    };

    public static async Task PublishAsync(this IMessageBus bus, string workflow, JsonNode post, string? requestId = null)
    {
        var headers = requestId is null ? [] : new Dictionary<string, string> { [Wire.RequestIdHeader] = requestId };
        var outcomes = await bus.SendAsync(
            [new OutgoingMessage(Wire.IngestExchange, workflow, Encoding.UTF8.GetBytes(post.ToJsonString()), new MessageProperties { Headers = headers })],
            CancellationToken.None);
        Assert.Equal(SendOutcomeKind.Confirmed, outcomes[0].Kind);
    }

    public static string Text(this JsonBody? body) => body is { } present ? Encoding.UTF8.GetString(present.Utf8.Span) : "";
}
