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
        new("the store stands still", 2, (scene, cancellationToken) =>
            scene.ForAMomentAsync(scene.Place.Postgres!.Pause, scene.Place.Postgres!.Continue, cancellationToken)) { Applies = HasServer },
        new("the managers' wire to the store is cut", 3, (scene, cancellationToken) => scene.CutAsync(scene.Suite.StoreWires, cancellationToken)) { Applies = HasWires },
        new("the managers' wire to the store falls silent", 2, (scene, cancellationToken) => scene.SilenceAsync(scene.Suite.StoreWires, cancellationToken)) { Applies = HasWires },
        new("the disk is full", 3, FillAsync) { Applies = scene => scene.Place.Disk is not null },
    ];

    private static bool HasServer(Scene scene) => scene.Place.Postgres is not null;

    private static bool HasWires(Scene scene) => scene.Suite.StoreWires.Count > 0;

    private static async Task<string?> FillAsync(Scene scene, CancellationToken cancellationToken)
    {
        string time;
        var filler = Path.Combine(scene.Place.Disk!.Path, "filler");
        await scene.Place.Disk.FillAsync(filler, leaveBytes: 64 * 1024);
        try
        {
            time = await scene.WaitAMomentAsync(cancellationToken);
        }
        finally
        {
            File.Delete(filler);
        }
        // A server that could not write its log has ended, and perhaps could not begin again either.
        if (scene.Place.Postgres is { } server)
            await server.StartServerAsync(cancellationToken);
        return time;
    }
}
