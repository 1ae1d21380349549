namespace Millrace.Chaos.Tests.Faults;

internal static class ServiceFaults
{
    private static readonly TimeSpan ReachLimit = TimeSpan.FromSeconds(8);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill -9 of a service", 4, (scene, _) => ToAnyAsync(scene, service => service.KillAsync())),
        new("a service dies at a fail point", 3, async (scene, _) =>
        {
            var service = AnyOf(scene, scene.Suite.Others);
            var point = $"{AnyOf(scene, service.FailPoints)}=kill:{scene.Random.Next(1, 20)}";
            return $"{service.Name}, {point}" + (await service.DieAtAsync(point, ReachLimit) ? "" : ", not reached");
        }) { Applies = scene => !scene.Suite.IsReleased },
        new("a service is stopped and started", 2, (scene, _) => ToAnyAsync(scene, service => service.StopAsync())),
        new("a service stands still", 2, async (scene, cancellationToken) =>
        {
            var service = AnyOf(scene, scene.Suite.Others);
            return $"{service.Name}, {await scene.PauseAsync(service.ProcessId, cancellationToken)}";
        }),
        new("the services' wire to the broker is cut", 2, (scene, cancellationToken) => scene.CutAsync([scene.Place.ServiceWire], cancellationToken)),
        new("the services' wire to the broker falls silent", 2, (scene, cancellationToken) => scene.SilenceAsync([scene.Place.ServiceWire], cancellationToken)),
        new("workers are slow", 2, (scene, cancellationToken) =>
            scene.ForAMomentAsync(() => scene.Workers.SlownessMs = 400, () => scene.Workers.SlownessMs = 0, cancellationToken)),
    ];

    private static async Task<string?> ToAnyAsync(Scene scene, Func<SuiteService, Task> strike)
    {
        var service = AnyOf(scene, scene.Suite.Others);
        await strike(service);
        return service.Name;
    }

    private static T AnyOf<T>(Scene scene, IReadOnlyList<T> all) => all[scene.Random.Next(all.Count)];
}
