using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Two senders, a consumer that passes every message on, and a consumer at the end that keeps the ledger.</summary>
internal sealed class LedgerLoad : IAsyncDisposable
{
    private readonly IMessageBus _bus;
    private readonly ConcurrentDictionary<string, bool> _confirmed = [];
    private readonly ConcurrentDictionary<string, bool> _received = [];
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _senders = [];

    private LedgerLoad(IMessageBus bus) => _bus = bus;

    public static async Task<LedgerLoad> StartAsync(string url, BusOptions? options = null)
    {
        var load = new LedgerLoad(BusFactory.Create(url, options));
        await load._bus.StartAsync(default);
        await load._bus.ConsumeAsync(new ConsumerOptions { Queue = "second" }, load.KeepAsync, default);
        await load._bus.ConsumeAsync(new ConsumerOptions { Queue = "first" }, load.PassOnAsync, default);
        load._senders = [.. Enumerable.Range(0, 2).Select(sender => Task.Run(() => load.SendAsync(sender)))];
        return load;
    }

    public async Task ReceiveMoreAsync(int count, TimeSpan limit)
    {
        var (enough, started) = (_received.Count + count, Stopwatch.GetTimestamp());
        while (_received.Count < enough)
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < limit, $"no flow within {limit}");
            await Task.Delay(10);
        }
    }

    public async Task FinishAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_senders).WaitAsync(TimeSpan.FromSeconds(40));
        var started = Stopwatch.GetTimestamp();
        while (_confirmed.Keys.Any(id => !_received.ContainsKey(id)))
        {
            var missing = _confirmed.Keys.Count(id => !_received.ContainsKey(id));
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(30), $"{missing} of {_confirmed.Count} are lost");
            await Task.Delay(50);
        }
    }

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
                _confirmed[id] = true;
            await Task.Delay(10);
        }
    }

    private async Task PassOnAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        var outcomes = await _bus.SendAsync([Message("second", Encoding.UTF8.GetString(message.Body.Span))], cancellationToken);
        if (outcomes[0].Kind != SendOutcomeKind.Confirmed)
            throw new InvalidOperationException(outcomes[0].Reason);
    }

    private Task KeepAsync(IncomingMessage message, CancellationToken cancellationToken)
    {
        _received[Encoding.UTF8.GetString(message.Body.Span)] = true;
        return Task.CompletedTask;
    }

    private static OutgoingMessage Message(string queue, string id) => new("", queue, Encoding.UTF8.GetBytes(id), MessageProperties.Empty);
}
