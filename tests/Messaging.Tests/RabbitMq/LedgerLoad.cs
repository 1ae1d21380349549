using System.Collections.Concurrent;
using System.Text;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>Two senders, a consumer that passes every message on, and a consumer at the end that keeps the ledger.</summary>
internal sealed class LedgerLoad : IAsyncDisposable
{
    /// <summary>Between two calls of a sender.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(10);

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

    private int Missing => _confirmed.Keys.Count(id => !_received.ContainsKey(id));

    public Task ReceiveMoreAsync(int count, TimeSpan limit)
    {
        var enough = _received.Count + count;
        return ManagerClient.EventuallyAsync(() => Task.FromResult(_received.Count >= enough), limit, () => Task.FromResult("no flow"));
    }

    public async Task FinishAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_senders).WaitAsync(TimeSpan.FromSeconds(40));
        await ManagerClient.EventuallyAsync(
            () => Task.FromResult(Missing == 0), TimeSpan.FromSeconds(30), () => Task.FromResult($"{Missing} of {_confirmed.Count} are lost"));
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
            await Task.Delay(Breath, TimeProvider.System);
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
