using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Chaos.Tests;

/// <summary>
/// Workers that speak the plain wire and misbehave by a seeded chance: they answer twice, late, with another's id, with nonsense,
/// with a passing error, with a request to wait, or not at all.
/// </summary>
internal sealed class NaughtyWorkers(IMessageBus bus, int seed, TimeProvider time) : IAsyncDisposable
{
    private static readonly string[] Queues = ["chaos-first", "chaos-left", "chaos-right", "chaos-join"];

    private readonly Random _random = new(seed);
    private readonly List<IAsyncDisposable> _consumers = [];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in Queues)
            _consumers.Add(await bus.ConsumeAsync(new ConsumerOptions { Queue = queue, Prefetch = 50 }, HandleAsync, cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in _consumers)
            await consumer.DisposeAsync();
    }

    private async Task HandleAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var mood = Draw(100);
        if (mood < 2)
            return;
        if (mood < 8)
            await Task.Delay(TimeSpan.FromMilliseconds(Draw(1500)), time, cancellationToken);
        var isBatch = message.Properties.Headers.ContainsKey(Wire.BatchHeader);
        await ReplyAsync(message, mood, isBatch ? AnswerBatch(message, mood) : AnswerOne(message), cancellationToken);
        if (mood is >= 10 and < 14)
            await ReplyAsync(message, mood, isBatch ? AnswerBatch(message, mood) : AnswerOne(message), cancellationToken);
    }

    private async Task ReplyAsync(IncomingMessage message, int mood, byte[] body, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>();
        var isBatch = message.Properties.Headers.ContainsKey(Wire.BatchHeader);
        if (isBatch)
            headers[Wire.BatchHeader] = message.Properties.Headers[Wire.BatchHeader];
        else if (mood is >= 14 and < 18)
            headers[Wire.ErrorHeader] = """{"type":"passing","message":"try again","transient":true}""";
        else if (mood == 18)
            headers[Wire.RetryAfterHeader] = "0.5";
        if (mood == 19)
            body = "[broken"u8.ToArray();
        var correlation = mood == 20 ? $"{Guid.Empty}:nothing" : message.Properties.CorrelationId;
        var reply = new OutgoingMessage(
            "", message.Properties.ReplyTo!, body, new MessageProperties { CorrelationId = correlation, ContentType = Wire.JsonContentType, Headers = headers });
        var outcome = (await bus.SendAsync([reply], cancellationToken))[0];
        // Not confirmed: the message goes back to the queue and is answered again.
        if (outcome.Kind == SendOutcomeKind.Unknown)
            throw new IOException(outcome.Reason);
    }

    private static byte[] AnswerOne(IncomingMessage message) => message.Body.ToArray();

    private static byte[] AnswerBatch(IncomingMessage message, int mood)
    {
        var items = JsonNode.Parse(message.Body.Span)!.AsArray();
        var replies = items.Select((item, index) => mood is >= 14 and < 18 && index % 3 == 0
            ? new JsonObject { ["correlationId"] = item!["correlationId"]!.DeepClone(), ["error"] = new JsonObject { ["type"] = "passing", ["message"] = "try again", ["transient"] = true } }
            : new JsonObject { ["correlationId"] = item!["correlationId"]!.DeepClone(), ["output"] = item["input"]!.DeepClone() });
        return JsonSerializer.SerializeToUtf8Bytes(new JsonArray([.. replies]));
    }

    private int Draw(int below)
    {
        lock (_random)
            return _random.Next(below);
    }
}
