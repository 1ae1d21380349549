using System.Collections.Concurrent;
using System.Text;
using Millrace.Contracts;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Two senders, a consumer that passes every message on, and a consumer at the end that keeps the ledger.</summary>
internal sealed class LedgerLoad : IAsyncDisposable
{
    /// <summary>Between two calls of a sender.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

    private readonly IMessageBus _bus;
    private readonly string _url;
    private readonly ConcurrentDictionary<string, bool> _confirmed = [];
    private readonly ConcurrentDictionary<string, bool> _received = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _senders = [];
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _fates = [];
    private int _inHand;

    private LedgerLoad(IMessageBus bus, string url) => (_bus, _url) = (bus, url);

    public static async Task<LedgerLoad> StartAsync(string url, BusOptions? options = null)
    {
        var load = new LedgerLoad(BusFactory.Create(url, options), url);
        await load._bus.StartAsync(default);
        await load._bus.ConsumeAsync(new ConsumerOptions { Queue = "second" }, load.KeepAsync, default);
        await load._bus.ConsumeAsync(new ConsumerOptions { Queue = "first" }, load.PassOnAsync, default);
        load._senders = [.. Enumerable.Range(0, 2).Select(sender => Task.Run(() => load.SendAsync(sender)))];
        return load;
    }

    private int Missing => _confirmed.Keys.Count(id => !_received.ContainsKey(id));

    public Task ReceiveMoreAsync(int count, TimeSpan limit)
    {
        var enough = _received.Count + count;
        return ManagerClient.EventuallyAsync(() => Task.FromResult(_received.Count >= enough), limit, () => Task.FromResult("no flow"));
    }

    /// <summary>A send without a word is given up after 30 s, and what it was for is then done again.</summary>
    public async Task FinishAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_senders).WaitAsync(TimeSpan.FromSeconds(40));
        await ManagerClient.EventuallyAsync(
            () => Task.FromResult(Missing == 0), TimeSpan.FromSeconds(60), StandAsync);
    }

    /// <summary>
    /// Where those are that have not come: in a queue they are late, in hand they wait for their next try. What is in a queue only once the
    /// consumers are gone was delivered and neither handled nor acknowledged; what is nowhere is lost.
    /// </summary>
    private async Task<string> StandAsync()
    {
        string[] queues = ["first", "second", Wire.DeadLetterQueue];
        var missing = _confirmed.Keys.Where(id => !_received.ContainsKey(id)).ToList();
        var text = new StringBuilder($"{missing.Count} of {_confirmed.Count} have not come; {_inHand} in hand; {await DepthsAsync(_bus, queues)}");
        await _bus.DisposeAsync();
        await using var later = BusFactory.Create(_url);
        await later.StartAsync(default);
        text.Append($"; without consumers {await DepthsAsync(later, queues)}");
        foreach (var id in missing.Take(10))
            text.Append($"\n{id}: {string.Join("; ", _fates[id])}");
        return text.ToString();
    }

    private static async Task<string> DepthsAsync(IMessageBus bus, IEnumerable<string> queues)
    {
        var depths = new List<string>();
        foreach (var queue in queues)
            depths.Add($"{queue} {(await bus.InspectAsync(queue, default))?.Messages}");
        return string.Join(", ", depths);
    }

    private void Note(string id, string fate) => _fates.GetOrAdd(id, _ => []).Enqueue($"{TimeProvider.System.GetUtcNow():ss.fff} {fate}");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _bus.DisposeAsync();
    }

    private async Task SendAsync(int sender)
    {
        for (var call = 0; !_stopping.IsCancellationRequested; call++)
        {
            var ids = Enumerable.Range(0, 50).Select(number => $"{sender}-{call}-{number}").ToArray();
            var outcomes = await _bus.SendAsync([.. ids.Select(id => Message("first", id))], default);
            foreach (var (id, outcome) in ids.Zip(outcomes).Where(pair => pair.Second.Kind == SendOutcomeKind.Confirmed))
            {
                _confirmed[id] = true;
                Note(id, "sent and confirmed");
            }
            await Task.Delay(Breath, TimeProvider.System);
        }
    }

    private async Task PassOnAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var id = Encoding.UTF8.GetString(message.Body.Span);
        Note(id, $"taken, delivered {message.DeliveryCount} times before");
        Interlocked.Increment(ref _inHand);
        try
        {
            var outcome = (await _bus.SendAsync([Message("second", id)], cancellationToken))[0];
            Note(id, $"passed on: {outcome.Kind}");
            if (outcome.Kind != SendOutcomeKind.Confirmed)
                throw new InvalidOperationException(outcome.Reason);
        }
        finally
        {
            Interlocked.Decrement(ref _inHand);
        }
    }

    private Task KeepAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        _received[Encoding.UTF8.GetString(message.Body.Span)] = true;
        return Task.CompletedTask;
    }

    private static OutgoingMessage Message(string queue, string id) => new("", queue, Encoding.UTF8.GetBytes(id), MessageProperties.Empty);
}
