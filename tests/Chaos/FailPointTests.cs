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
        foreach (var service in scene.Suite.All)
        {
            await service.DieAtEachAsync(service.FailPoints.Select(point => $"{point}=kill:2"), ReachLimit, point => missed.Add($"{service.Name}: {point}"));
            if (load.IsFaulted)
                await load;
        }
        if (!await scene.Suite.Managers[0].DieLeavingAsync("leave.flushed=kill"))
            missed.Add("leave.flushed");
        await enough.CancelAsync();
        await load;
        await reckoning.RunAsync(cancellationToken);

        output.WriteLine($"{scene.Suite.All.Sum(service => service.FailPoints.Count) + 1} boundaries, {reckoning}");
        Assert.Empty(missed);
    }
}
