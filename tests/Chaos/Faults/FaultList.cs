namespace Millrace.Chaos.Tests.Faults;

/// <summary>All faults that a run draws from.</summary>
internal static class FaultList
{
    private static readonly IReadOnlyList<Fault> All = [.. ManagerFaults.All, .. BrokerFaults.All, .. StoreFaults.All, .. ServiceFaults.All, .. MessageFaults.All];

    public static Fault Draw(Scene scene)
    {
        var possible = All.Where(fault => fault.Applies(scene)).ToList();
        var left = scene.Random.Next(possible.Sum(fault => fault.Weight));
        return possible.First(fault => (left -= fault.Weight) < 0);
    }
}
