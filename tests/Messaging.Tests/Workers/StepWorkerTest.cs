using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Contracts;
using Millrace.Messaging.Tests.Conformance;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>A worker of one queue on a bus in memory, and what it sends.</summary>
public abstract class StepWorkerTest : IAsyncLifetime
{
    private protected const string Replies = "replies";
    private protected const string Step = "echo";

    private readonly List<IHost> _hosts = [];

    private protected IMessageBus Bus { get; }

    private protected StepWorkerTest(BusOptions? options = null) => Bus = BusFactory.Create("memory:", options);

    private protected Inbox ReplyInbox { get; private set; } = null!;

    private protected Inbox Letters { get; private set; } = null!;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Bus.StartAsync(Token);
        await Bus.DeclareQueueAsync(Step, Token);
        ReplyInbox = await Inbox.OpenAsync(Bus, new ConsumerOptions { Queue = Replies }, Token);
        Letters = await Inbox.OpenAsync(Bus, new ConsumerOptions { Queue = Wire.DeadLetterQueue }, Token);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            await host.StopAsync();
            host.Dispose();
        }
        await Bus.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static StepResult<Out> Ok(string? text) => new Out(text ?? "");

    private protected static string Text(IncomingMessage message) => Encoding.UTF8.GetString(message.Body.Span);

    private protected static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        while (!await holds())
            await Task.Delay(TimeSpan.FromMilliseconds(20), Token);
    }

    private protected Task<IHost> StartAsync(
        Func<IReadOnlyList<In>, IReadOnlyList<StepResult<Out>>> handle, Action<StepWorkerOptions>? configure = null, ScopeLogs? logs = null) =>
        StartAsync((inputs, _) => Task.FromResult(handle(inputs)), configure, logs);

    private protected async Task<IHost> StartAsync(
        Func<IReadOnlyList<In>, CancellationToken, Task<IReadOnlyList<StepResult<Out>>>> handle, Action<StepWorkerOptions>? configure = null,
        ScopeLogs? logs = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        if (logs is not null)
            builder.Logging.AddProvider(logs);
        builder.Services.AddSingleton(Bus);
        builder.Services.AddSingleton(new Handler(handle));
        builder.Services.AddStepHandler<Handler, In, Out>(Step, configure);
        var host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Token);
        return host;
    }

    private protected async Task SendAsync(
        string body, string? correlationId, string? attempt = null, string? batch = null, DateTimeOffset? deadline = null,
        string replyTo = Replies, string? workflow = null)
    {
        var headers = new Dictionary<string, string>();
        if (attempt is not null)
            headers[Wire.AttemptHeader] = attempt;
        if (workflow is not null)
            headers[Wire.WorkflowHeader] = workflow;
        if (batch is not null)
            headers[Wire.BatchHeader] = batch;
        if (deadline is { } moment)
            headers[Wire.DeadlineHeader] = moment.ToString("O", CultureInfo.InvariantCulture);
        var properties = new MessageProperties { CorrelationId = correlationId, ReplyTo = replyTo, Headers = headers };
        var outcomes = await Bus.SendAsync([new OutgoingMessage("", Step, Encoding.UTF8.GetBytes(body), properties)], Token);
        Assert.Equal(SendOutcome.Confirmed, outcomes[0]);
    }

    private protected sealed record In(string? Text);

    private protected sealed record Out(string Text);

    private protected sealed class Handler(Func<IReadOnlyList<In>, CancellationToken, Task<IReadOnlyList<StepResult<Out>>>> handle) : IStepHandler<In, Out>
    {
        public Task<IReadOnlyList<StepResult<Out>>> HandleAsync(IReadOnlyList<In> inputs, CancellationToken cancellationToken) =>
            handle(inputs, cancellationToken);
    }
}
