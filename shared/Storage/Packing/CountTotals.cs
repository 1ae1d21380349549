using System.Runtime.InteropServices;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Packing;

/// <summary>Count deltas summed over one commit, so that each counter is written once.</summary>
internal sealed class CountTotals
{
    private readonly Dictionary<(string Workflow, string Step, string Status), long> _totals = [];

    public void Add(CountDelta delta) =>
        CollectionsMarshal.GetValueRefOrAddDefault(_totals, (delta.Workflow, delta.Step, delta.Status), out _) += delta.Delta;

    public void Add(IReadOnlyList<CountDelta> deltas)
    {
        for (var index = 0; index < deltas.Count; index++)
            Add(deltas[index]);
    }

    public void Clear() => _totals.Clear();

    /// <summary>What moved, in one order everywhere, so that writers that lock counters never wait in a circle.</summary>
    public IReadOnlyList<RequestCount> Moved() =>
    [
        .. _totals.Where(t => t.Value != 0)
            .Select(t => new RequestCount(t.Key.Workflow, t.Key.Step, t.Key.Status, t.Value))
            .OrderBy(c => c.Workflow, StringComparer.Ordinal)
            .ThenBy(c => c.Step, StringComparer.Ordinal)
            .ThenBy(c => c.Status, StringComparer.Ordinal),
    ];
}
