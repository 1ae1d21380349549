using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Messaging.Workers;
using Millrace.WorkflowManager;
using Millrace.WorkflowManager.Definitions;

namespace Millrace.Fuzz.Tests;

/// <summary>
/// A manager whose steps nobody works on but the test, which reads every message that the manager sends. After so many requests it
/// is spent: then its doors must still take what is good, and another room comes in its place.
/// </summary>
internal sealed class ManagerRoom : IAsyncDisposable
{
    public const int MaxPayloadBytes = 2048;
    public const int MaxPostsPerMessage = 100;

    /// <summary>Where the manager's own answers to questions go.</summary>
    public const string AnswerQueue = "fuzz-answers";

    /// <summary>Copies of a workflow, so that one whose step is throttled or full is left behind.</summary>
    private const int Copies = 24;

    private const int AtEachPlace = 48;

    /// <summary>What is refused may have failed a step all the same.</summary>
    private const int RefusedByOne = 4;

    private static readonly string Workflows = string.Join('\n', Enumerable.Range(0, Copies).Select(copy => $$"""
          - name: chain-{{copy}}
            key: uri
            timeout: 7d
            steps: [ { name: a }, { name: b, depends: [ a ] }, { name: c, depends: [ b ], batch: 4 } ]
          - name: fan-{{copy}}
            key: uri
            timeout: 7d
            steps: [ { name: first }, { name: each, task: per-item, depends: [ first ] } ]
            tasks: [ { name: per-item, itemListKey: items, steps: [ { name: one } ] } ]
        """).Prepend("workflows:").Append("  - name: keyless\n    timeout: 7d\n    steps: [ { name: a } ]\n  - name: good\n    key: uri\n    timeout: 7d\n    steps: [ { name: good } ]"));

    private readonly BusHost _host;
    private readonly Dictionary<string, Channel<string>> _dispatched = new[] { "a", "b", "c", "first", "one", "good" }
        .ToDictionary(queue => queue, _ => Channel.CreateUnbounded<string>());
    private readonly Channel<string> _results = Channel.CreateUnbounded<string>();
    private readonly HashSet<string> _known = [];
    private readonly Dictionary<string, Queue<string>> _live = new() { ["a"] = [], ["b"] = [], ["one"] = [] };
    private Exception? _fault;
    private int _copy;
    private int _posts;
    private int _refused;

    private ManagerRoom(BusHost host) => _host = host;

    public bool IsSpent => _copy == Copies;

    public static async Task<ManagerRoom> StartAsync()
    {
        var reading = WorkflowReader.Read("fuzz.yaml", Workflows);
        Assert.Empty(reading.Problems);
        var options = new WorkflowManagerOptions
        {
            Workflows = reading.Definitions,
            UnknownWorkflowSeconds = 0,
            MaxPayloadBytes = MaxPayloadBytes,
            MaxPostsPerMessage = MaxPostsPerMessage,
        };
        var room = new ManagerRoom(await BusHost.StartAsync(builder => builder.Services.AddWorkflowManager(options)));
        foreach (var queue in room._dispatched.Keys)
            await room.ReadAsync(new ConsumerOptions { Queue = queue }, room.Dispatched);
        await room.ReadAsync(new ConsumerOptions { Queue = "fuzz-results", Bindings = [(Wire.ResultsExchange, "#")] }, room.Finished);
        await room.ReadAsync(new ConsumerOptions { Queue = AnswerQueue }, Answered);
        return room;
    }

    /// <returns>True if the message was acknowledged, false if it was refused with a reason.</returns>
    public async Task<bool> TryAsync(string exchange, string routingKey, AmqpInput input)
    {
        var isTaken = await _host.Bus.TryAsync(new OutgoingMessage(exchange, routingKey, input.Body, input.Read()));
        Assert.Null(_fault);
        return isTaken;
    }

    /// <summary>The same for an input about <see cref="Places"/>, in whose place come requests that stand there now.</summary>
    public async Task<bool> TryLiveAsync(string queue, AmqpInput input)
    {
        if (_live.Values.Any(ids => ids.Count == 0))
            await RefillAsync();
        var isTaken = await TryAsync("", queue, Places.Fill(input, _live["a"].Peek(), _live["b"].Peek(), _live["one"].Peek()));
        if (isTaken || ++_refused % RefusedByOne == 0)
        {
            foreach (var ids in _live.Values)
                ids.Dequeue();
        }
        return isTaken;
    }

    /// <summary>A post goes its whole way, whatever came before it.</summary>
    public async Task CheckAsync()
    {
        var uri = $"good {++_posts}";
        Assert.True(await PublishAsync("good", $$"""{"uri":"{{uri}}"}"""));
        Assert.True(await ReplyAsync(await _dispatched["good"].Reader.ReadAsync(), """{"done":true}"""));
        var id = RequestIds.ForKey("good", uri).ToString();
        while (await _results.Reader.ReadAsync() != $"completed {id}")
            continue;
        Assert.Null(_fault);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task RefillAsync()
    {
        var (chain, fan) = ($"chain-{_copy}", $"fan-{_copy}");
        _copy++;
        var uris = Enumerable.Range(0, 2 * AtEachPlace).Select(_ => $"post {++_posts}").ToList();
        Assert.True(await PublishAsync(chain, JsonSerializer.Serialize(uris.Select(uri => new { uri }))));
        var begun = await TakeAsync("a", uris.Count, address => uris.Exists(uri => address == $"{RequestIds.ForKey(chain, uri)}:a"));
        foreach (var address in begun.Take(AtEachPlace))
            Assert.True(await ReplyAsync(address, """{"keep":true}"""));
        _live["b"] = new(await TakeAsync("b", AtEachPlace, _ => true));
        _live["a"] = new(begun.Skip(AtEachPlace));
        Assert.True(await PublishAsync(fan, """{"uri":"fan"}"""));
        var first = (await TakeAsync("first", 1, address => address == $"{RequestIds.ForKey(fan, "fan")}:first"))[0];
        Assert.True(await ReplyAsync(first, $$"""{"items":[{{string.Join(',', Enumerable.Range(0, AtEachPlace))}}]}"""));
        _live["one"] = new(await TakeAsync("one", AtEachPlace, _ => true));
    }

    /// <summary>The next messages of a queue that are meant; others, such as second attempts, are left out.</summary>
    private async Task<List<string>> TakeAsync(string queue, int count, Func<string, bool> isMeant)
    {
        var taken = new List<string>(count);
        while (taken.Count < count)
        {
            var address = await _dispatched[queue].Reader.ReadAsync();
            if (_known.Add(address) && isMeant(address))
                taken.Add(address);
        }
        return taken;
    }

    private Task<bool> PublishAsync(string workflow, string body) =>
        _host.Bus.TryAsync(new OutgoingMessage(Wire.IngestExchange, workflow, Encoding.UTF8.GetBytes(body), MessageProperties.Empty));

    private Task<bool> ReplyAsync(string address, string body) => _host.Bus.TryAsync(
        new OutgoingMessage("", Wire.ReplyQueue, Encoding.UTF8.GetBytes(body), new MessageProperties { CorrelationId = address }));

    private Task ReadAsync(ConsumerOptions options, Action<IncomingMessage> read) => _host.Bus.ConsumeAsync(
        options,
        (message, _) =>
        {
            try
            {
                read(message);
            }
            catch (Exception fault)
            {
                // Told with the input that caused it; thrown here it would only be delivered again.
                _fault = new InvalidOperationException($"{message.Queue} was sent '{Encoding.UTF8.GetString(message.Body.Span)}'", fault);
            }
            return Task.CompletedTask;
        },
        CancellationToken.None);

    private void Dispatched(IncomingMessage message)
    {
        foreach (var item in StepMessageReader.Read(message).Items)
        {
            using var input = Parse(item.Input);
            Assert.Equal(JsonValueKind.Object, input.RootElement.ValueKind);
            Assert.True(StepAddress.TryParse(item.CorrelationId, out _));
            _dispatched[message.Queue].Writer.TryWrite(item.CorrelationId);
        }
    }

    private void Finished(IncomingMessage message)
    {
        using var view = Parse(message.Body);
        _results.Writer.TryWrite($"{view.RootElement.GetProperty("status").GetString()} {view.RootElement.GetProperty("id").GetString()}");
    }

    private static void Answered(IncomingMessage message)
    {
        using var answer = Parse(message.Body);
        Assert.Equal(JsonValueKind.Array, answer.RootElement.ValueKind);
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body) => JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 2 * MillraceJson.MaxDepth });
}
