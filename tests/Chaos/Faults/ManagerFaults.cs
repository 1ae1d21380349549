namespace Millrace.Chaos.Tests.Faults;

internal static class ManagerFaults
{
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(8);

    public static IReadOnlyList<Fault> All { get; } =
    [
        Fault.Of("kill -9 of a manager", 6, (scene, _) => scene.Managers.KillAsync(scene.AnyManager())),
        Fault.Of("a manager is stopped and started", 2, (scene, _) => scene.Managers.StopAsync(scene.AnyManager())),
        Fault.Of("a manager stands still", 2, (scene, cancellationToken) =>
            scene.PauseAsync(scene.Managers.ProcessId(scene.AnyManager()), cancellationToken)),
        new("a manager dies at a fail point", 6, DieAsync),
    ];

    private static async Task<string?> DieAsync(Scene scene, CancellationToken cancellationToken)
    {
        var (name, times) = ManagerFailPoints.All[scene.Random.Next(ManagerFailPoints.All.Count)];
        var point = $"{name}=kill:{scene.Random.Next(1, times + 1)}";
        return await scene.Managers.DieAtAsync(scene.AnyManager(), point, ReachLimit) ? point : $"{point}, not reached";
    }
}
