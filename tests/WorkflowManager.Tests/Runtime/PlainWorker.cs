using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>A worker as anyone may write it: reads a queue, answers single and batched messages to where they ask.</summary>
internal sealed class PlainWorker : IAsyncDisposable
{
    private readonly IMessageBus _bus;
    private readonly Func<WorkItem, BatchReply> _answer;
    private IAsyncDisposable? _consumer;
    private int _calls;
    private int _messages;

    private PlainWorker(IMessageBus bus, Func<WorkItem, BatchReply> answer) => (_bus, _answer) = (bus, answer);

    /// <summary>Items that were worked on, duplicates included.</summary>
    public int Calls => Volatile.Read(ref _calls);

    /// <summary>Messages that brought them.</summary>
    public int Messages => Volatile.Read(ref _messages);

    public static async Task<PlainWorker> StartAsync(IMessageBus bus, string queue, Func<WorkItem, BatchReply> answer)
    {
        var worker = new PlainWorker(bus, answer);
        worker._consumer = await bus.ConsumeAsync(new ConsumerOptions { Queue = queue }, worker.HandleAsync, CancellationToken.None);
        return worker;
    }

    public static Task<PlainWorker> StartAsync(IMessageBus bus, string queue, Func<JsonObject, JsonObject> work) =>
        StartAsync(bus, queue, item => item.Done(work(item.Input)));

    public ValueTask DisposeAsync() => _consumer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _messages);
        var properties = message.Properties;
        if (!properties.Headers.ContainsKey(Wire.BatchHeader))
        {
            var attempt = int.Parse(properties.Headers[Wire.AttemptHeader]);
            var reply = Answer(new WorkItem(properties.CorrelationId!, attempt, JsonNode.Parse(message.Body.Span)!.AsObject()));
            await SendSingleAsync(properties.ReplyTo!, reply, cancellationToken);
            return;
        }
        var items = JsonSerializer.Deserialize<List<BatchItem>>(message.Body.Span, MillraceJson.Options)!;
        var replies = items.Select(item => Answer(
            new WorkItem(item.CorrelationId, item.Attempt, JsonNode.Parse(item.Input.GetRawText())!.AsObject()))).ToList();
        await SendAsync(properties.ReplyTo!, JsonSerializer.SerializeToUtf8Bytes(replies, MillraceJson.Options), MessageProperties.Empty, cancellationToken);
    }

    private BatchReply Answer(WorkItem item)
    {
        Interlocked.Increment(ref _calls);
        return _answer(item);
    }

    private Task SendSingleAsync(string queue, BatchReply reply, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>();
        if (reply.Error is { } error)
            headers[Wire.ErrorHeader] = JsonSerializer.Serialize(error, MillraceJson.Options);
        if (reply.RetryAfterSeconds is { } seconds)
            headers[Wire.RetryAfterHeader] = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (reply.RetryReason is { } reason)
            headers[Wire.RetryReasonHeader] = reason;
        var body = reply.Output is { } output ? JsonSerializer.SerializeToUtf8Bytes(output) : [];
        return SendAsync(queue, body, new MessageProperties { CorrelationId = reply.CorrelationId, Headers = headers }, cancellationToken);
    }

    private async Task SendAsync(string queue, byte[] body, MessageProperties properties, CancellationToken cancellationToken)
    {
        var outcomes = await _bus.SendAsync([new OutgoingMessage("", queue, body, properties)], cancellationToken);
        Assert.Equal(SendOutcomeKind.Confirmed, outcomes[0].Kind);
    }
}

/// <summary>What a worker got.</summary>
internal sealed record WorkItem(string CorrelationId, int Attempt, JsonObject Input)
{
    public BatchReply Done(JsonObject output) => new(CorrelationId, Attempt, JsonSerializer.SerializeToElement(output));

    public BatchReply Fail(string type, string message, bool transient = false) =>
        new(CorrelationId, Attempt, Error: new StepError(type, message, transient));

    public BatchReply Throttle(double seconds, string? reason = null) =>
        new(CorrelationId, Attempt, RetryAfterSeconds: seconds, RetryReason: reason);
}
