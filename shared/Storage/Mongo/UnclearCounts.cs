using System.Collections.Concurrent;
using Millrace.Storage.Packing;
using Millrace.Storage.Requests;

namespace Millrace.Storage.Mongo;

/// <summary>
/// Counts of commits that failed: whatever they saved is asked for before the next commit, and counted then. What they had counted
/// before they failed is not counted again, since a counter takes each commit once.
/// </summary>
internal sealed class UnclearCounts(MongoCollections collections)
{
    private readonly ConcurrentDictionary<long, IReadOnlyList<(Guid Request, IReadOnlyList<CountDelta> Counts)>> _commits = [];

    public void Add(long commit, IReadOnlyList<RequestChange> changes) =>
        _commits[commit] = [.. changes.Where(change => change.Counts.Count > 0).Select(change => (change.Record.Id, change.Counts))];

    public async Task SettleAsync(CancellationToken cancellationToken)
    {
        foreach (var (commit, changes) in _commits)
        {
            var saved = await SavedTransitions.FindAsync(collections, commit, changes.Select(change => change.Request), cancellationToken);
            var totals = new CountTotals();
            foreach (var (_, counts) in changes.Where(change => saved.Contains(RequestDocuments.Id(change.Request))))
                totals.Add(counts);
            await Counters.MoveAsync(collections, totals.Moved(), commit, cancellationToken);
            _commits.TryRemove(commit, out _);
        }
    }
}
