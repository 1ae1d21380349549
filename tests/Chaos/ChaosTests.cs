using System.Diagnostics;

namespace Millrace.Chaos.Tests;

/// <summary>Whatever is killed, cut, filled or paused: every published request ends exactly once, its result is published, and nothing lies unexplained.</summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_breaks_nothing_is_lost_and_nothing_is_doubled()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var watch = Stopwatch.StartNew();
        var failures = new List<string>();
        var run = 0;
        await using var places = new Places();
        for (; run < ChaosSettings.Runs || watch.Elapsed.TotalMinutes < ChaosSettings.Minutes; run++)
        {
            var seed = ChaosSettings.Seed + run;
            try
            {
                await new ChaosRun(seed, await places.TakeAsync(seed, cancellationToken), Say).RunAsync(cancellationToken);
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                // The other seeds still have something to tell.
                Say($"{seed}: FAILED\n{failure.Message}");
                failures.Add(failure.Message);
                await places.DiscardAsync(seed);
            }
        }
        Say($"{run - failures.Count} of {run} runs passed, seeds {ChaosSettings.Seed} to {ChaosSettings.Seed + run - 1}, {watch.Elapsed.TotalMinutes:F0} minutes");
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
    }

    private void Say(string line)
    {
        output.WriteLine(line);
        if (ChaosSettings.IsLong)
            Console.Error.WriteLine(line);
    }

    /// <summary>A place for each kind of store, renewed after some runs or when a run went wrong in it.</summary>
    private sealed class Places : IAsyncDisposable
    {
        private readonly Dictionary<StoreKind, ChaosPlace> _places = [];

        public async Task<ChaosPlace> TakeAsync(int seed, CancellationToken cancellationToken)
        {
            if (_places.TryGetValue(ChaosSettings.KindOf(seed), out var place) && place.Runs < ChaosSettings.RunsPerPlace)
                return place;
            await DiscardAsync(seed);
            return _places[ChaosSettings.KindOf(seed)] = await ChaosPlace.StartAsync(ChaosSettings.KindOf(seed), cancellationToken);
        }

        public async Task DiscardAsync(int seed)
        {
            if (_places.Remove(ChaosSettings.KindOf(seed), out var place))
                await place.DisposeAsync();
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var place in _places.Values)
                await place.DisposeAsync();
        }
    }
}
