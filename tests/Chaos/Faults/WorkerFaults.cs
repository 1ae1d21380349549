namespace Millrace.Chaos.Tests.Faults;

internal static class WorkerFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        Fault.Of("kill -9 of a worker", 2, (scene, _) => scene.Preprocessing.KillAsync()),
        new("a worker dies at a fail point", 2, async (scene, _) =>
        {
            var point = $"{WorkerFailPoints.All[scene.Random.Next(WorkerFailPoints.All.Count)]}=kill:{scene.Random.Next(1, 20)}";
            return await scene.Preprocessing.DieAtAsync(point, TimeSpan.FromSeconds(8)) ? point : $"{point}, not reached";
        }),
        Fault.Of("a worker is stopped and started", 1, (scene, _) => scene.Preprocessing.StopAsync()),
        Fault.Of("a worker stands still", 1, (scene, cancellationToken) => scene.PauseAsync(scene.Preprocessing.ProcessId, cancellationToken)),
        Fault.Of("workers are slow", 2, (scene, cancellationToken) =>
            scene.ForAMomentAsync(() => scene.Workers.SlownessMs = 400, () => scene.Workers.SlownessMs = 0, cancellationToken)),
    ];
}
