using System.Diagnostics;
using System.Globalization;
using Millrace.Chaos.Tests.Faults;

namespace Millrace.Chaos.Tests;

/// <summary>
/// One seeded run: managers and a worker as processes of their own on a broker and a store, load from a ledger, faults at random
/// moments, then the reckoning.
/// </summary>
internal sealed class ChaosRun(int seed, ChaosPlace place, Action<string> say)
{
    /// <summary>Every fifth pair of runs uses quorum queues.</summary>
    private bool IsQuorum => seed / 2 % 5 == 4;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        await place.PrepareAsync($"run-{seed}", IsQuorum, cancellationToken);
        if (place is { Kind: StoreKind.Sqlite, Disk: null })
            say($"{seed}: no small disk can be mounted here, so no disk runs full");
        await using var scene = await Scene.OpenAsync(place, seed, isNaughty: true, cancellationToken);
        var started = watch.Elapsed;
        var reckoning = new Reckoning(scene);
        try
        {
            await BreakUnderLoadAsync(scene, cancellationToken);
            var broken = watch.Elapsed;
            await reckoning.RunAsync(cancellationToken);
            say(string.Create(CultureInfo.InvariantCulture, $"""
                {seed}: passed, {place.Kind}{(IsQuorum ? ", quorum queues" : "")}, {reckoning}; seconds: {started.TotalSeconds:F0} start, {(broken - started).TotalSeconds:F0} faults, {(watch.Elapsed - broken).TotalSeconds:F0} settle and check
                """));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw new InvalidOperationException($"seed {seed}: {failure.Message}\n{await reckoning.StateAsync()}", failure);
        }
    }

    private async Task BreakUnderLoadAsync(Scene scene, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var load = new Load(scene, seed).RunAsync(enough.Token);
        for (var number = 0; number < ChaosSettings.Faults; number++)
        {
            scene.TurnTo(number);
            await scene.WaitAsync(300, 1_500, cancellationToken);
            var fault = FaultList.Draw(scene);
            say($"{seed}: {fault.Name} ...");
            if (await fault.StrikeAsync(scene, cancellationToken) is { } told)
                say($"{seed}:   {told}");
            scene.Suite.Look();
        }
        await scene.WaitAsync(300, 1_500, cancellationToken);
        for (var watch = Stopwatch.StartNew(); scene.Ledger.Published.Count < ChaosSettings.MinPosts && watch.Elapsed < ChaosSettings.LoadLimit;)
            await Task.Delay(ChaosSettings.Breath, scene.Time, cancellationToken);
        await enough.CancelAsync();
        await load;
    }
}
