namespace Millrace.Chaos.Tests.Faults;

internal static class ManagerFaults
{
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(8);

    public static IReadOnlyList<Fault> All { get; } =
    [
        Fault.Of("kill -9 of a manager", 6, (scene, _) => scene.AnyManager().KillAsync()),
        Fault.Of("a manager is stopped and started", 2, (scene, _) => scene.AnyManager().StopAsync()),
        new("a manager stands still", 2, (scene, cancellationToken) => scene.PauseAsync(scene.AnyManager().ProcessId, cancellationToken)),
        new("the callers' wire to a manager is cut", 2, (scene, cancellationToken) => scene.CutAsync([scene.AnyManager().CallersWire], cancellationToken)),
        new("the callers' wire to a manager falls silent", 2, (scene, cancellationToken) => scene.SilenceAsync([scene.AnyManager().CallersWire], cancellationToken)),
        new("a manager dies at a fail point", 6, (scene, _) =>
        {
            var (name, times) = ManagerFailPoints.All[scene.Random.Next(ManagerFailPoints.All.Count)];
            return DieAsync(scene, $"{name}=kill:{scene.Random.Next(1, times + 1)}");
        }) { Applies = HasFailPoints },
        new("commits end unclear", 3, (scene, _) =>
            DieAsync(scene, $"commit.after=throw:{scene.Random.Next(1, 40)},commit.told=kill:{scene.Random.Next(50, 100)}")) { Applies = HasFailPoints },
    ];

    private static bool HasFailPoints(Scene scene) => !scene.Suite.IsReleased;

    private static async Task<string?> DieAsync(Scene scene, string point) =>
        await scene.AnyManager().DieAtAsync(point, ReachLimit) ? point : $"{point}, not reached";
}
