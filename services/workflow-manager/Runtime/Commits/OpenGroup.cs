namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// What the next commit will save, decided while the one before is on its way, and the works that wait for it. It stays open
/// until the store can take it, so that nothing waits longer than it must and one transaction holds as much as it can.
/// </summary>
internal sealed class OpenGroup(WorkflowManagerOptions options)
{
    private readonly Dictionary<Guid, Draft> _drafts = [];
    private readonly List<QueuedWork> _waiting = [];
    private readonly List<(QueuedWork Queued, WorkOutcome Outcome)> _settled = [];
    private long _bytes;
    private bool _isAlone;

    public bool IsEmpty => _waiting.Count == 0 && _settled.Count == 0;

    public bool HasRoom => !_isAlone && _waiting.Count + _settled.Count < options.GroupMaxItems && _bytes < options.GroupMaxBytes;

    public IReadOnlyCollection<Draft> Drafts => _drafts.Values;

    /// <summary>The request as this group will leave it, if it changes it.</summary>
    public Draft? Find(Guid id) => _drafts.GetValueOrDefault(id);

    /// <summary>The work changed the request.</summary>
    public void Take(QueuedWork queued, Draft draft)
    {
        _drafts[queued.Work.RequestId] = draft;
        _waiting.Add(queued);
        _bytes += queued.Work.Bytes;
        _isAlone = queued.Alone;
    }

    /// <summary>
    /// The work changed nothing. It is told together with the rest: it may be a duplicate of a work of this very group, which
    /// counts only once it is saved.
    /// </summary>
    public void Settle(QueuedWork queued, WorkOutcome outcome) => _settled.Add((queued, outcome));

    /// <summary>Takes a request out again.</summary>
    /// <returns>The works that changed it.</returns>
    public IReadOnlyList<QueuedWork> Remove(Guid id)
    {
        _drafts.Remove(id);
        var removed = _waiting.FindAll(queued => queued.Work.RequestId == id);
        _waiting.RemoveAll(queued => queued.Work.RequestId == id);
        return removed;
    }

    /// <summary>Tells those who wait that all is saved but what belongs to these requests.</summary>
    public void Tell(IReadOnlySet<Guid> conflicts)
    {
        foreach (var queued in _waiting.Where(queued => !conflicts.Contains(queued.Work.RequestId)))
            queued.Batch.Finish(queued.Work, WorkOutcome.Saved);
        foreach (var (queued, outcome) in _settled.Where(settled => !conflicts.Contains(settled.Queued.Work.RequestId)))
            queued.Batch.Finish(queued.Work, outcome);
    }

    /// <summary>All works of the group, those that changed something first.</summary>
    public IEnumerable<QueuedWork> Works => _waiting.Concat(_settled.Select(settled => settled.Queued));
}
