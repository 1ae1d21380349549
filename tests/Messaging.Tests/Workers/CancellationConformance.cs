using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Contracts;
using Millrace.Messaging.Tests.Conformance;
using Millrace.Messaging.Workers;

namespace Millrace.Messaging.Tests.Workers;

/// <summary>What a worker's shell does about cancelled requests, on every transport.</summary>
public abstract class CancellationConformance : IAsyncLifetime
{
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));
    private readonly Channel<(string Text, TaskCompletionSource Ended)> _calls = Channel.CreateBounded<(string, TaskCompletionSource)>(100);
    private readonly string _step = $"step-{Guid.NewGuid():N}";
    private IMessageBus _bus = null!;
    private Inbox _replies = null!;
    private IHost? _host;

    public async ValueTask InitializeAsync()
    {
        _bus = CreateBus();
        await _bus.StartAsync(_limit.Token);
        await _bus.DeclareQueueAsync(_step, _limit.Token);
        _replies = await Inbox.OpenAsync(_bus, new ConsumerOptions { Queue = _step + "-replies" }, _limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.StopAsync();
        _host?.Dispose();
        await _bus.DisposeAsync();
        _limit.Dispose();
        GC.SuppressFinalize(this);
    }

    protected abstract IMessageBus CreateBus();

    [Fact]
    public async Task What_waits_is_answered_without_the_handler_and_what_runs_is_told_to_end()
    {
        await StartAsync();
        await SendAsync("running", attempt: 1);
        await SendAsync("waiting", attempt: 1);
        await SendAsync("wanted", attempt: 1);
        Assert.Equal("running", (await _calls.Reader.ReadAsync(_limit.Token)).Text);

        await CancelAsync(new CancelledDispatch("waiting:s", 1), new CancelledDispatch("running:s", 1));

        Assert.Equal(("running:s", "cancelled", true), ErrorOf(await _replies.NextAsync()));
        Assert.Equal(("waiting:s", "cancelled", true), ErrorOf(await _replies.NextAsync()));
        await FinishNextAsync("wanted");
    }

    [Fact]
    public async Task A_later_attempt_of_what_was_cancelled_is_worked_on()
    {
        await StartAsync();
        await SendAsync("running", attempt: 3);
        await _calls.Reader.ReadAsync(_limit.Token);
        await SendAsync("again", attempt: 3);
        await CancelAsync(new CancelledDispatch("again:s", 2), new CancelledDispatch("running:s", 3));
        await _replies.NextAsync();

        await FinishNextAsync("again");
    }

    [Fact]
    public async Task One_item_of_a_batch_that_is_cancelled_does_not_run_and_the_others_do()
    {
        await StartAsync();
        await SendAsync("running", attempt: 1);
        await _calls.Reader.ReadAsync(_limit.Token);
        var items = new[] { "one", "two" }.Select(text => new BatchItem(text + ":s", 1, JsonSerializer.SerializeToElement(new { text })));
        await PublishAsync(JsonSerializer.Serialize(items, MillraceJson.Options), null, new() { [Wire.BatchHeader] = "2" });
        await CancelAsync(new CancelledDispatch("one:s", 1), new CancelledDispatch("running:s", 1));
        await _replies.NextAsync();

        var (text, ended) = await _calls.Reader.ReadAsync(_limit.Token);
        ended.SetResult();

        var replies = JsonSerializer.Deserialize<List<BatchReply>>((await _replies.NextAsync()).Body.Span, MillraceJson.Options)!;
        Assert.Equal(("two", "cancelled", true), (text, replies[0].Error?.Type, replies[1].Output is not null));
    }

    [Fact]
    public async Task About_messages_that_were_there_before_the_worker_a_manager_is_asked_once()
    {
        var questions = new List<CancelledDispatch>();
        await using var manager = await AnswerAsync(questions, unwanted: "old:s");
        await SendAsync("old", attempt: 1);
        await SendAsync("older", attempt: 2);

        await StartAsync();

        Assert.Equal(("old:s", "cancelled", true), ErrorOf(await _replies.NextAsync()));
        await FinishNextAsync("older");
        await SendAsync("new", attempt: 1);
        await FinishNextAsync("new");
        Assert.Equal([new CancelledDispatch("old:s", 1), new CancelledDispatch("older:s", 2)], questions);
    }

    [Fact]
    public async Task Without_an_answer_everything_is_worked_on()
    {
        await _bus.DeclareQueueAsync(Wire.WantedQueue, _limit.Token);
        await SendAsync("old", attempt: 1);
        await SendAsync("older", attempt: 1);

        await StartAsync(options => options.WantedTimeoutMs = 50);

        await FinishNextAsync("old");
        await FinishNextAsync("older");
    }

    [Fact]
    public async Task A_worker_that_does_not_listen_works_on_everything()
    {
        await StartAsync(options => options.MaxCancellations = 0);
        await SendAsync("running", attempt: 1);
        await CancelAsync(new CancelledDispatch("running:s", 1));

        await FinishNextAsync("running");
    }

    private async Task FinishNextAsync(string expected)
    {
        var (text, ended) = await _calls.Reader.ReadAsync(_limit.Token);
        ended.SetResult();
        Assert.Equal((expected, expected + ":s"), (text, (await _replies.NextAsync()).Properties.CorrelationId));
    }

    private static (string?, string, bool) ErrorOf(IncomingMessage reply)
    {
        var error = JsonSerializer.Deserialize<StepError>(reply.Properties.Headers[Wire.ErrorHeader], MillraceJson.Options)!;
        return (reply.Properties.CorrelationId, error.Type, error.Transient);
    }

    private async Task StartAsync(Action<StepWorkerOptions>? configure = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddSingleton(_bus);
        builder.Services.AddStepHandler<In, In>(_step, _ => new Waiting(_calls.Writer), options =>
        {
            options.MaxBatchItems = 1;
            options.Prefetch = 10;
            configure?.Invoke(options);
        });
        _host = builder.Build();
        await _host.StartAsync(_limit.Token);
    }

    /// <summary>A manager's part; the queue is everybody's, and questions of other tests may still be there.</summary>
    private Task<IAsyncDisposable> AnswerAsync(List<CancelledDispatch> questions, string unwanted) => _bus.ConsumeAsync(
        new ConsumerOptions { Queue = Wire.WantedQueue }, async (message, token) =>
        {
            if (!message.Properties.ReplyTo!.Contains(_step, StringComparison.Ordinal))
                return;
            var items = JsonSerializer.Deserialize<CancelledDispatch[]>(message.Body.Span, MillraceJson.Options)!;
            questions.AddRange(items);
            var answer = JsonSerializer.SerializeToUtf8Bytes(items.Where(item => item.CorrelationId == unwanted), MillraceJson.Options);
            var properties = new MessageProperties { CorrelationId = message.Properties.CorrelationId };
            await _bus.SendAsync([new OutgoingMessage("", message.Properties.ReplyTo, answer, properties)], token);
        }, _limit.Token);

    private Task CancelAsync(params CancelledDispatch[] dispatches) => SendAsync(new OutgoingMessage(
        Wire.CancellationsExchange, _step, JsonSerializer.SerializeToUtf8Bytes(dispatches, MillraceJson.Options), MessageProperties.Empty, Mandatory: false));

    private Task SendAsync(string text, int attempt) =>
        PublishAsync($$"""{"text":"{{text}}"}""", text + ":s", new() { [Wire.AttemptHeader] = $"{attempt}" });

    private Task PublishAsync(string body, string? correlationId, Dictionary<string, string> headers) => SendAsync(new OutgoingMessage(
        "", _step, Encoding.UTF8.GetBytes(body),
        new MessageProperties { CorrelationId = correlationId, ReplyTo = _step + "-replies", Headers = headers }));

    private async Task SendAsync(OutgoingMessage message) =>
        Assert.Equal(SendOutcome.Confirmed, (await _bus.SendAsync([message], _limit.Token))[0]);

    public sealed record In(string Text);

    /// <summary>Says what it is called with, and ends when it is told to, or when nobody waits any more.</summary>
    private sealed class Waiting(ChannelWriter<(string, TaskCompletionSource)> calls) : IStepHandler<In, In>
    {
        public async Task<IReadOnlyList<StepResult<In>>> HandleAsync(IReadOnlyList<In> inputs, CancellationToken cancellationToken)
        {
            var ended = new TaskCompletionSource();
            await calls.WriteAsync((inputs[0].Text, ended), cancellationToken);
            await ended.Task.WaitAsync(cancellationToken);
            return [.. inputs.Select(input => (StepResult<In>)input)];
        }
    }
}

public sealed class MemoryCancellationTests : CancellationConformance
{
    protected override IMessageBus CreateBus() => BusFactory.Create("memory:");
}

/// <summary>In turn with others that play the manager on the same broker.</summary>
[Collection("managers")]
public sealed class RabbitMqCancellationTests(SharedNode node) : CancellationConformance
{
    protected override IMessageBus CreateBus() => BusFactory.Create(node.Url);
}
