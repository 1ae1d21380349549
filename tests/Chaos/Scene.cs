using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.Chaos.Tests;

/// <summary>Everything of one run that a fault may lay hands on.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private IAsyncDisposable? _results;

    private Scene(ChaosPlace place, int seed, bool isNaughty)
    {
        Place = place;
        Random = new Random(seed);
        Managers = new Managers(place);
        Preprocessing = new PreprocessingWorker(place);
        Bus = BusFactory.Create(place.BrokerUrl);
        Ledger = new Ledger(Bus, Time);
        Workers = new NaughtyWorkers(Bus, isNaughty ? seed : null, Time);
    }

    public ChaosPlace Place { get; }

    public Managers Managers { get; }

    public PreprocessingWorker Preprocessing { get; }

    public NaughtyWorkers Workers { get; }

    public Ledger Ledger { get; }

    public IMessageBus Bus { get; }

    public Random Random { get; }

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

    /// <summary>One of the managers, by chance.</summary>
    public int AnyManager() => Random.Next(Managers.Count);

    public Task WaitAsync(int fromMs, int toMs, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromMilliseconds(Random.Next(fromMs, toMs)), Time, cancellationToken);

    /// <summary>Breaks, waits a moment, and mends whatever comes between.</summary>
    public async Task ForAMomentAsync(Action breakIt, Action mendIt, CancellationToken cancellationToken)
    {
        breakIt();
        try
        {
            await WaitAsync(500, 2_000, cancellationToken);
        }
        finally
        {
            mendIt();
        }
    }

    public Task PauseAsync(int processId, CancellationToken cancellationToken) =>
        ForAMomentAsync(() => PosixSignals.Pause(processId), () => PosixSignals.Continue(processId), cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await Workers.DisposeAsync();
        if (_results is not null)
            await _results.DisposeAsync();
        Ledger.Dispose();
        await Bus.DisposeAsync();
        await Preprocessing.DisposeAsync();
        await Managers.DisposeAsync();
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Managers.StartAsync(Place.Kind == StoreKind.Postgres ? 2 : 1), Preprocessing.StartAsync());
        await Bus.StartAsync(cancellationToken);
        _results = await Bus.ConsumeAsync(
            new ConsumerOptions { Queue = "chaos-results", Bindings = [(Wire.ResultsExchange, $"{Ledger.Workflow}.*")] }, Ledger.TakeResultAsync, cancellationToken);
        await Workers.StartAsync(cancellationToken);
    }
}
