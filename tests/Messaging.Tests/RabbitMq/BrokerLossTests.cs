using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Millrace.Testing;

namespace Millrace.Messaging.Tests.RabbitMq;

/// <summary>A broker that goes away under load: nothing confirmed is lost, and the flow is back soon after the broker is.</summary>
public sealed class BrokerLossTests(ITestOutputHelper output)
{
    private static readonly TimeSpan FlowLimit = TimeSpan.FromSeconds(5);

    [Fact]
    public Task Two_losses_under_load_lose_nothing() => RunAsync(2, "", loss => loss % 2 == 0);

    /// <summary>In order only: killed under load, a single node of RabbitMQ 3.10 can leave a quorum queue without a leader.</summary>
    [Fact]
    public Task A_restart_under_load_loses_nothing_of_quorum_queues() => RunAsync(1, "?queue-type=quorum", _ => false);

    [Fact(Explicit = true)]
    [Trait("Category", "Long")]
    public Task Twenty_losses_under_load_lose_nothing() => RunAsync(20, "", loss => loss % 2 == 0);

    private async Task RunAsync(int losses, string query, Func<int, bool> isKilled)
    {
        await using var node = await RabbitMqNode.StartAsync();
        await using var load = await Load.StartAsync(node.Url + query);
        await load.ReceiveMoreAsync(1_000, TimeSpan.FromSeconds(20));
        var pauses = new List<double>();
        for (var loss = 0; loss < losses; loss++)
        {
            if (isKilled(loss))
                await node.KillAsync();
            else
                await node.StopAsync();
            await node.StartServerAsync();
            var returned = Stopwatch.GetTimestamp();
            await load.ReceiveMoreAsync(300, TimeSpan.FromSeconds(30));
            pauses.Add(Stopwatch.GetElapsedTime(returned).TotalSeconds);
            output.WriteLine($"loss {loss} ({(isKilled(loss) ? "kill" : "stop")}): flow after {pauses[^1]:F2} s");
        }
        await load.FinishAsync();
        Assert.All(pauses, pause => Assert.InRange(pause, 0, FlowLimit.TotalSeconds));
    }

    /// <summary>Two senders, a consumer that passes every message on, and a consumer at the end that keeps the ledger.</summary>
    private sealed class Load : IAsyncDisposable
    {
        private readonly IMessageBus _bus;
        private readonly ConcurrentDictionary<string, bool> _confirmed = [];
        private readonly ConcurrentDictionary<string, bool> _received = [];
        private readonly CancellationTokenSource _stopping = new();
        private Task[] _senders = [];

        private Load(IMessageBus bus) => _bus = bus;

        public static async Task<Load> StartAsync(string url)
        {
            var load = new Load(BusFactory.Create(url));
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
}
