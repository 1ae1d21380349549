using System.Diagnostics;
using System.Text;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

internal enum StoreKind
{
    Sqlite,
    Postgres,
}

/// <summary>
/// One seeded run: managers as processes of their own on a broker and a store of their own, load from a ledger, faults at random
/// moments, then the reckoning.
/// </summary>
internal sealed class ChaosRun(int seed, StoreKind kind, Action<string> say) : IAsyncDisposable
{
    private readonly Random _random = new(seed);
    private readonly TemporaryFolder _folder = new("chaos");
    private readonly Ledger _ledger = new();
    private readonly List<MillraceProcess> _managers = [];
    private readonly TimeProvider _time = TimeProvider.System;
    private RabbitMqNode _broker = null!;
    private PostgresServer? _postgres;
    private TcpProxy _brokerWire = null!;
    private TcpProxy? _storeWire;
    private string _store = "";

    private int Managers => kind == StoreKind.Postgres ? 2 : 1;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await StartServersAsync(cancellationToken);
        for (var i = 0; i < Managers; i++)
            _managers.Add(await StartManagerAsync());
        await using var bus = await ConnectAsync(cancellationToken);
        await using var results = await bus.ConsumeAsync(
            new ConsumerOptions { Queue = "chaos-results", Bindings = [(Wire.ResultsExchange, "chaos.*")] }, _ledger.TakeResultAsync, cancellationToken);
        await using var workers = new NaughtyWorkers(bus, seed, _time);
        await workers.StartAsync(cancellationToken);

        var load = LoadAsync(bus, cancellationToken);
        for (var fault = 0; fault < ChaosSettings.Faults; fault++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300 + _random.Next(1500)), _time, cancellationToken);
            await BreakSomethingAsync(cancellationToken);
        }
        await load;
        await SettleAsync();
        await ReckonAsync(bus, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var manager in _managers)
            await manager.DisposeAsync();
        await _brokerWire.DisposeAsync();
        if (_storeWire is not null)
            await _storeWire.DisposeAsync();
        if (_postgres is not null)
            await _postgres.DisposeAsync();
        await _broker.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartServersAsync(CancellationToken cancellationToken)
    {
        _broker = await RabbitMqNode.StartAsync(cancellationToken: cancellationToken);
        _brokerWire = new TcpProxy(_broker.Port);
        if (kind == StoreKind.Sqlite)
        {
            _store = "sqlite:" + Path.Combine(_folder.Path, "chaos.db");
            return;
        }
        _postgres = await PostgresServer.StartAsync(cancellationToken: cancellationToken);
        _storeWire = new TcpProxy(_postgres.Port);
        _store = _postgres.Url().Replace($":{_postgres.Port}/", $":{_storeWire.Port}/", StringComparison.Ordinal);
    }

    private Task<MillraceProcess> StartManagerAsync() => MillraceProcess.ServeAsync(
        "run", "workflow-manager", "--broker", $"amqp://guest:guest@127.0.0.1:{_brokerWire.Port}", "--store", _store,
        "--workflows", AppContext.BaseDirectory, "--log-level", "Warning", "--set", "Manager:LeaseSeconds=5");

    private async Task<IMessageBus> ConnectAsync(CancellationToken cancellationToken)
    {
        var bus = BusFactory.Create(_broker.Url);
        await bus.StartAsync(cancellationToken);
        return bus;
    }

    private async Task LoadAsync(IMessageBus bus, CancellationToken cancellationToken)
    {
        for (var number = 0; number < ChaosSettings.Requests; number++)
        {
            await _ledger.PublishAsync(bus, number, _time, cancellationToken);
            // Now and then a post comes twice.
            if (number % 17 == 0)
                await _ledger.PublishAsync(bus, number, _time, cancellationToken);
            if (number % 10 == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(60), _time, cancellationToken);
        }
    }

    private async Task BreakSomethingAsync(CancellationToken cancellationToken)
    {
        var which = _random.Next(_managers.Count);
        switch (_random.Next(kind == StoreKind.Postgres ? 8 : 6))
        {
            case 0 or 1:
                say($"{seed}: kill -9 of manager {which}");
                await _managers[which].KillAsync();
                await _managers[which].DisposeAsync();
                _managers[which] = await StartManagerAsync();
                break;
            case 2:
                say($"{seed}: kill -9 of the broker");
                await _broker.KillAsync(cancellationToken);
                await _broker.StartServerAsync(cancellationToken);
                break;
            case 3:
                say($"{seed}: manager {which} stands still");
                PosixSignals.Pause(_managers[which].Id);
                await Task.Delay(TimeSpan.FromSeconds(2), _time, cancellationToken);
                PosixSignals.Continue(_managers[which].Id);
                break;
            case 4:
                say($"{seed}: the wire to the broker is cut");
                await CutAsync(_brokerWire, cancellationToken);
                break;
            case 5:
                say($"{seed}: manager {which} is stopped and started");
                await _managers[which].StopAsync();
                await _managers[which].DisposeAsync();
                _managers[which] = await StartManagerAsync();
                break;
            case 6:
                say($"{seed}: kill -9 of the store");
                await _postgres!.KillAsync(cancellationToken);
                await _postgres.StartServerAsync(cancellationToken);
                break;
            default:
                say($"{seed}: the wire to the store is cut");
                await CutAsync(_storeWire!, cancellationToken);
                break;
        }
    }

    private async Task CutAsync(TcpProxy wire, CancellationToken cancellationToken)
    {
        wire.Cut();
        await Task.Delay(TimeSpan.FromMilliseconds(500 + _random.Next(1500)), _time, cancellationToken);
        wire.Mend();
    }

    private async Task SettleAsync()
    {
        using var manager = new ManagerClient(_managers[0].Url);
        await ManagerClient.EventuallyAsync(
            async () => await manager.CountAsync(Ledger.Workflow, "running") == 0
                && await manager.CountAsync(Ledger.Workflow, "completed") + await manager.CountAsync(Ledger.Workflow, "failed") >= _ledger.Published.Count
                && !_ledger.WithoutResult.Any(),
            ChaosSettings.SettleLimit, async () => await StateAsync(manager));
    }

    private async Task ReckonAsync(IMessageBus bus, CancellationToken cancellationToken)
    {
        using var manager = new ManagerClient(_managers[0].Url);
        Assert.Equal(ChaosSettings.Requests, _ledger.Published.Count);
        Assert.Equal(ChaosSettings.Requests, await manager.CountAsync(Ledger.Workflow, "completed") + await manager.CountAsync(Ledger.Workflow, "failed"));
        foreach (var id in _ledger.Published.Keys)
        {
            var request = await manager.GetAsync($"api/requests/{id}");
            Assert.NotEqual("running", request["status"]!.ToString());
            var kinds = (await manager.GetAsync($"api/requests/{id}/timeline"))["events"]!.AsArray().Select(item => item!["kind"]!.ToString()).ToArray();
            Assert.Single(kinds, kind => kind == "accepted");
        }
        await CheckDeadLettersAsync(bus, cancellationToken);
        foreach (var process in _managers)
            Assert.InRange(Process.GetProcessById(process.Id).WorkingSet64, 1, ChaosSettings.MaxManagerBytes);
    }

    private static async Task CheckDeadLettersAsync(IMessageBus bus, CancellationToken cancellationToken)
    {
        if (await bus.InspectAsync(Wire.DeadLetterQueue, cancellationToken) is not { Messages: > 0 } depth)
            return;
        var left = depth.Messages;
        var unexplained = 0;
        var done = new TaskCompletionSource();
        await using (await bus.ConsumeAsync(
            new ConsumerOptions { Queue = Wire.DeadLetterQueue },
            (message, _) =>
            {
                if (!message.Properties.Headers.TryGetValue(Wire.ReasonHeader, out var reason) || reason.Length == 0)
                    Interlocked.Increment(ref unexplained);
                if (Interlocked.Decrement(ref left) == 0)
                    done.TrySetResult();
                return Task.CompletedTask;
            },
            cancellationToken))
        {
            await done.Task.WaitAsync(ChaosSettings.SettleLimit, cancellationToken);
        }
        Assert.Equal(0, unexplained);
    }

    private async Task<string> StateAsync(ManagerClient manager)
    {
        var text = new StringBuilder().AppendLine((await manager.GetAsync("api/counts")).ToJsonString());
        foreach (var item in (await manager.GetAsync("api/requests?status=running&limit=3"))["items"]!.AsArray())
            text.AppendLine((await manager.GetAsync($"api/requests/{item!["id"]}")).ToJsonString());
        text.AppendLine($"{_ledger.WithoutResult.Count()} without a result; seed {seed}");
        foreach (var process in _managers)
            text.AppendLine(process.Log.Length > 3000 ? process.Log[^3000..] : process.Log);
        return text.ToString();
    }
}
