using System.Diagnostics;
using System.Globalization;

namespace Millrace.Chaos.Tests.Faults;

internal static class BrokerFaults
{
    private static readonly TimeSpan FlowLimit = TimeSpan.FromSeconds(60);

    public static IReadOnlyList<Fault> All { get; } =
    [
        new("kill -9 of the broker", 2, async (scene, cancellationToken) =>
        {
            await scene.Place.Broker.KillAsync(cancellationToken);
            return await ReturnAsync(scene, cancellationToken);
        }),
        new("the broker is stopped and started", 1, async (scene, cancellationToken) =>
        {
            await scene.Place.Broker.StopAsync(cancellationToken);
            return await ReturnAsync(scene, cancellationToken);
        }),
        new("the broker stands still", 2, (scene, cancellationToken) => scene.PauseAsync(scene.Place.Broker.ProcessId!.Value, cancellationToken)),
        new("the managers' wire to the broker is cut", 2, (scene, cancellationToken) => scene.CutAsync(scene.Suite.BrokerWires, cancellationToken)),
        new("the managers' wire to the broker falls silent", 2, (scene, cancellationToken) => scene.SilenceAsync(scene.Suite.BrokerWires, cancellationToken)),
        new("the broker's disk alarm", 2, AlarmAsync),
    ];

    /// <summary>How soon a post that was published since has its result, once the broker accepts connections.</summary>
    private static async Task<string?> ReturnAsync(Scene scene, CancellationToken cancellationToken)
    {
        await scene.Place.Broker.StartServerAsync(cancellationToken);
        var returned = Stopwatch.GetTimestamp();
        var before = scene.Ledger.Published.Keys.ToHashSet();
        while (!scene.Ledger.Published.Keys.Any(id => !before.Contains(id) && scene.Ledger.OutcomeOf(id) is not null))
        {
            if (Stopwatch.GetElapsedTime(returned) > FlowLimit)
                throw new TimeoutException($"nothing flows {FlowLimit.TotalSeconds:F0} s after the broker's return");
            await Task.Delay(TimeSpan.FromMilliseconds(20), scene.Time, cancellationToken);
        }
        scene.FlowReturns.Add(Stopwatch.GetElapsedTime(returned));
        return string.Create(CultureInfo.InvariantCulture, $"new posts end again after {scene.FlowReturns[^1].TotalSeconds:F1} s");
    }

    /// <summary>As when its disk runs full: whoever publishes is blocked.</summary>
    private static async Task<string?> AlarmAsync(Scene scene, CancellationToken cancellationToken)
    {
        await scene.Place.Broker.EvaluateAsync("rabbit_alarm:set_alarm({{resource_limit, disk, node()}, []}).", cancellationToken);
        try
        {
            return await scene.WaitAMomentAsync(cancellationToken);
        }
        finally
        {
            await scene.Place.Broker.EvaluateAsync("rabbit_alarm:clear_alarm({resource_limit, disk, node()}).", CancellationToken.None);
        }
    }
}
