using System.Globalization;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>Everything of one run that a fault may lay hands on.</summary>
internal sealed class Scene : IAsyncDisposable
{
    /// <summary>Of ten moments, those that outlast the leases, heartbeats and timeouts of a run.</summary>
    private const int LongMoments = 3;

    private readonly int _seed;
    private IAsyncDisposable? _results;

    private Scene(ChaosPlace place, int seed, bool isNaughty)
    {
        Place = place;
        _seed = seed;
        Random = RandomOf(0);
        Suite = new Suite(place, ChaosSettings.ManagersOf(seed, place.Kind), ChaosSettings.IsReleased(seed));
        Bus = BusFactory.Create(place.BrokerUrl);
        Ledger = new Ledger(Bus, Time);
        Watcher = new Watcher(Suite, Time, seed);
        Workers = new NaughtyWorkers(Bus, isNaughty ? seed : null, Time);
    }

    public ChaosPlace Place { get; }

    public Suite Suite { get; }

    public NaughtyWorkers Workers { get; }

    public Ledger Ledger { get; }

    public Watcher Watcher { get; }

    /// <summary>After each return of the broker: how long until a post that was published since had its result.</summary>
    public List<TimeSpan> FlowReturns { get; } = [];

    public IMessageBus Bus { get; }

    /// <summary>Of the fault at hand, so that what one draws, which depends on the moment, does not change the next one.</summary>
    public Random Random { get; private set; }

    public TimeProvider Time { get; } = TimeProvider.System;

    /// <summary>The place must be prepared.</summary>
    public static async Task<Scene> OpenAsync(ChaosPlace place, int seed, bool isNaughty, CancellationToken cancellationToken)
    {
        var scene = new Scene(place, seed, isNaughty);
        try
        {
            await scene.StartAsync(cancellationToken);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <param name="number">Of the fault that comes next.</param>
    public void TurnTo(int number) => Random = RandomOf(number);

    /// <summary>One of the managers, by chance.</summary>
    public SuiteService AnyManager() => Suite.Managers[Random.Next(Suite.Managers.Count)];

    public Task WaitAsync(int fromMs, int toMs, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Next(fromMs, toMs)), Time, cancellationToken);

    /// <summary>Waits as long as a breakage lasts.</summary>
    /// <returns>How long.</returns>
    public async Task<string> WaitAMomentAsync(CancellationToken cancellationToken)
    {
        var milliseconds = Random.Next(10) < LongMoments ? Random.Next(7_000, 15_000) : Random.Next(500, 2_000);
        await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), Time, cancellationToken);
        return string.Create(CultureInfo.InvariantCulture, $"{milliseconds / 1000.0:F1} s");
    }

    /// <summary>Breaks, waits a moment, and mends whatever comes between.</summary>
    /// <returns>How long it was broken.</returns>
    public async Task<string?> ForAMomentAsync(Action breakIt, Action mendIt, CancellationToken cancellationToken)
    {
        breakIt();
        try
        {
            return await WaitAMomentAsync(cancellationToken);
        }
        finally
        {
            mendIt();
        }
    }

    public Task<string?> PauseAsync(int processId, CancellationToken cancellationToken) =>
        ForAMomentAsync(() => PosixSignals.Pause(processId), () => PosixSignals.Continue(processId), cancellationToken);

    public Task<string?> CutAsync(IReadOnlyList<TcpProxy> wires, CancellationToken cancellationToken) => BreakAsync(wires, wire => wire.Cut(), cancellationToken);

    public Task<string?> SilenceAsync(IReadOnlyList<TcpProxy> wires, CancellationToken cancellationToken) => BreakAsync(wires, wire => wire.Silence(), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Watcher.DisposeAsync();
        await Workers.DisposeAsync();
        if (_results is not null)
            await _results.DisposeAsync();
        Ledger.Dispose();
        await Bus.DisposeAsync();
        await Suite.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await Suite.StartAsync();
        await Bus.StartAsync(cancellationToken);
        _results = await Bus.ConsumeAsync(
            new ConsumerOptions { Queue = "chaos-results", Bindings = [(Wire.ResultsExchange, $"{Ledger.Workflow}.*")] }, Ledger.TakeResultAsync, cancellationToken);
        await Workers.StartAsync(cancellationToken);
        Watcher.Start();
    }

    /// <summary>All of the wires, or one: whoever it belongs to is alone then, and the others go on.</summary>
    private async Task<string?> BreakAsync(IReadOnlyList<TcpProxy> wires, Action<TcpProxy> breakIt, CancellationToken cancellationToken)
    {
        var struck = Random.Next(2) == 0 ? wires : [wires[Random.Next(wires.Count)]];
        var time = await ForAMomentAsync(
            () => struck.ToList().ForEach(breakIt), () => struck.ToList().ForEach(wire => wire.Mend()), cancellationToken);
        return $"{struck.Count} of {wires.Count}, {time}";
    }

    private Random RandomOf(int number) => new((_seed * ChaosSettings.Faults) + number);
}
