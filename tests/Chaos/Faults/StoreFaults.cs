namespace Millrace.Chaos.Tests.Faults;

internal static class StoreFaults
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        Fault.Of("kill -9 of the store", 3, async (scene, cancellationToken) =>
        {
            await scene.Place.Postgres!.KillAsync(cancellationToken);
            await scene.Place.Postgres.StartServerAsync(cancellationToken);
        }) with { Applies = HasServer },
        Fault.Of("the store stands still", 2, (scene, cancellationToken) =>
            scene.ForAMomentAsync(scene.Place.Postgres!.Pause, scene.Place.Postgres!.Continue, cancellationToken)) with { Applies = HasServer },
        Fault.Of("the managers' wire to the store is cut", 3, (scene, cancellationToken) =>
            scene.ForAMomentAsync(scene.Place.StoreWire!.Cut, scene.Place.StoreWire!.Mend, cancellationToken)) with { Applies = HasServer },
        Fault.Of("the managers' wire to the store falls silent", 2, (scene, cancellationToken) =>
            scene.ForAMomentAsync(scene.Place.StoreWire!.Silence, scene.Place.StoreWire!.Mend, cancellationToken)) with { Applies = HasServer },
        Fault.Of("the disk is full", 3, FillAsync) with { Applies = scene => scene.Place.Disk is not null },
    ];

    private static bool HasServer(Scene scene) => scene.Place.Postgres is not null;

    private static async Task FillAsync(Scene scene, CancellationToken cancellationToken)
    {
        var filler = Path.Combine(scene.Place.Disk!.Path, "filler");
        await scene.Place.Disk.FillAsync(filler, leaveBytes: 64 * 1024);
        try
        {
            await scene.WaitAsync(500, 2_000, cancellationToken);
        }
        finally
        {
            File.Delete(filler);
        }
        // A server that could not write its log has ended, and perhaps could not begin again either.
        if (scene.Place.Postgres is { } server)
            await server.StartServerAsync(cancellationToken);
    }
}
