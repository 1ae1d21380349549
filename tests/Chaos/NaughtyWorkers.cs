using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;

namespace Millrace.Chaos.Tests;

/// <summary>
/// Workers that speak the plain wire and misbehave by a seeded chance: they answer twice, late, with another's id, with nonsense,
/// with a passing error, with a request to wait, or not at all.
/// </summary>
/// <param name="seed">Null: they behave.</param>
internal sealed class NaughtyWorkers(IMessageBus bus, int? seed, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Stands in an answer that was given in another's name.</summary>
    public const string ForgedMark = "forged";

    /// <summary>Of a request's own steps.</summary>
    public static readonly IReadOnlyList<string> StepQueues = ["chaos-first", "chaos-left", "chaos-right", "chaos-join"];

    public static readonly IReadOnlyList<string> Queues = [.. StepQueues, PartQueue];

    private const string PartQueue = "chaos-part";

    private static readonly byte[] Forged = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, bool> { [ForgedMark] = true });

    private readonly Random _random = new(seed ?? 0);
    private readonly List<IAsyncDisposable> _consumers = [];
    private volatile string? _other;

    /// <summary>Requests, and children of them, in whose names another answer was given.</summary>
    public ConcurrentDictionary<Guid, bool> Wronged { get; } = [];

    /// <summary>Milliseconds that every message takes more.</summary>
    public int SlownessMs { get; set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var queue in Queues)
            _consumers.Add(await bus.ConsumeAsync(new ConsumerOptions { Queue = queue, Prefetch = 50 }, (message, stopping) => HandleAsync(queue, message, stopping), cancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var consumer in _consumers)
            await consumer.DisposeAsync();
    }

    private async Task HandleAsync(string queue, IncomingMessage message, CancellationToken cancellationToken)
    {
        var mood = seed is null ? Mood.Good : (Mood)Draw(100);
        if (SlownessMs > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(SlownessMs), time, cancellationToken);
        if (mood < Mood.Late)
            return;
        if (mood < Mood.Twice)
            await Task.Delay(TimeSpan.FromMilliseconds(Draw(1500)), time, cancellationToken);
        var isBatch = message.Properties.Headers.ContainsKey(Wire.BatchHeader);
        var answer = isBatch ? AnswerBatch(queue, message, mood) : Work(queue, JsonNode.Parse(message.Body.Span)!);
        for (var times = mood is >= Mood.Twice and < Mood.PassingError ? 2 : 1; times > 0; times--)
            await ReplyAsync(message, mood, JsonSerializer.SerializeToUtf8Bytes(answer), cancellationToken);
        if (!isBatch)
            _other = message.Properties.CorrelationId;
    }

    private async Task ReplyAsync(IncomingMessage message, Mood mood, byte[] body, CancellationToken cancellationToken)
    {
        var headers = new Dictionary<string, string>();
        if (message.Properties.Headers.TryGetValue(Wire.BatchHeader, out var count))
            headers[Wire.BatchHeader] = count;
        else if (mood is >= Mood.PassingError and < Mood.AskToWait)
            headers[Wire.ErrorHeader] = """{"type":"passing","message":"try again","transient":true}""";
        else if (mood == Mood.AskToWait)
            headers[Wire.RetryAfterHeader] = "0.5";
        if (mood == Mood.Nonsense)
            body = "[broken"u8.ToArray();
        var correlation = mood switch
        {
            Mood.UnknownId => $"{Guid.Empty}:nothing",
            Mood.OthersId => _other ?? message.Properties.CorrelationId,
            _ => message.Properties.CorrelationId,
        };
        if (mood == Mood.OthersId && count is null)
        {
            body = Forged;
            Wronged[Guid.Parse(correlation!.Split(':')[0])] = true;
        }
        var reply = new OutgoingMessage(
            "", message.Properties.ReplyTo!, body, new MessageProperties { CorrelationId = correlation, ContentType = Wire.JsonContentType, Headers = headers });
        var outcome = (await bus.SendAsync([reply], cancellationToken))[0];
        // Not confirmed: the message goes back to the queue and is answered again.
        if (outcome.Kind == SendOutcomeKind.Unknown)
            throw new IOException(outcome.Reason);
    }

    public static string PartOf(string item) => $"part {item}";

    /// <summary>What went in, and this worker's sign on it.</summary>
    private static JsonNode Work(string queue, JsonNode input)
    {
        if (queue == PartQueue)
            input["part"] = PartOf(input["part"]!.ToString());
        else
            input[queue] = input["uri"]?.DeepClone();
        return input;
    }

    private static JsonArray AnswerBatch(string queue, IncomingMessage message, Mood mood)
    {
        var items = JsonNode.Parse(message.Body.Span)!.AsArray();
        var replies = items.Select((item, index) => mood is >= Mood.PassingError and < Mood.AskToWait && index % 3 == 0
            ? new JsonObject { ["correlationId"] = item!["correlationId"]!.DeepClone(), ["error"] = new JsonObject { ["type"] = "passing", ["message"] = "try again", ["transient"] = true } }
            : new JsonObject { ["correlationId"] = item!["correlationId"]!.DeepClone(), ["output"] = Work(queue, item["input"]!.DeepClone()) });
        return new JsonArray([.. replies]);
    }

    private int Draw(int below)
    {
        lock (_random)
            return _random.Next(below);
    }

    /// <summary>Each value begins a range of the hundred; from <see cref="Good"/> on all goes well.</summary>
    private enum Mood
    {
        NoAnswer = 0,
        Late = 2,
        Twice = 8,
        PassingError = 14,
        AskToWait = 18,
        Nonsense = 19,
        UnknownId = 20,
        OthersId = 21,
        Good = 22,
    }
}
