using Millrace.Chaos.Tests.Faults;

namespace Millrace.Chaos.Tests;

/// <summary>A process that dies at each boundary between saving, sending and acknowledging, one after the other, under load.</summary>
public sealed class FailPointTests(ITestOutputHelper output)
{
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Dying_at_every_boundary_in_turn_loses_nothing_and_doubles_nothing()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var place = await ChaosPlace.StartAsync(StoreKind.Sqlite, cancellationToken);
        await place.PrepareAsync("boundaries", isQuorum: false, cancellationToken);
        await using var scene = await Scene.OpenAsync(place, seed: 1, isNaughty: false, cancellationToken);
        var reckoning = new Reckoning(scene);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var load = new Load(scene, seed: 1).RunAsync(enough.Token);
        // Requests must live long enough to be cancelled while children run.
        scene.Workers.SlownessMs = 50;

        var missed = new List<string>();
        await scene.Managers.DieAtEachAsync(0, ManagerFailPoints.All.Select(point => point.Name), ReachLimit, missed.Add);
        if (!await scene.Managers.DieLeavingAsync(0))
            missed.Add("leave.flushed");
        foreach (var point in WorkerFailPoints.All)
        {
            if (!await scene.Preprocessing.DieAtAsync($"{point}=kill:2", ReachLimit))
                missed.Add(point);
        }
        await enough.CancelAsync();
        await load;
        await reckoning.RunAsync(cancellationToken);

        output.WriteLine($"{ManagerFailPoints.All.Count + 1 + WorkerFailPoints.All.Count} boundaries, {reckoning}");
        Assert.Empty(missed);
    }
}
