namespace Millrace.Chaos.Tests.Faults;

/// <summary>All faults that a run draws from.</summary>
internal static class FaultList
{
    private static readonly IReadOnlyList<Fault> All = [.. ManagerFaults.All, .. BrokerFaults.All, .. StoreFaults.All, .. ServiceFaults.All, .. MessageFaults.All];

    /// <exception cref="InvalidOperationException">None is named as asked for, or it can't be had on this store.</exception>
    public static Fault Draw(Scene scene)
    {
        var possible = All.Where(fault => fault.Applies(scene) && fault.Name.Contains(ChaosSettings.Only, StringComparison.OrdinalIgnoreCase)).ToList();
        if (possible.Count == 0)
            throw new InvalidOperationException($"no breakage that this run can have is named '{ChaosSettings.Only}': {string.Join("; ", All.Select(fault => fault.Name))}");
        var left = scene.Random.Next(possible.Sum(fault => fault.Weight));
        return possible.First(fault => (left -= fault.Weight) < 0);
    }
}
