namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>What one commit will save, and the works that wait for it.</summary>
internal sealed class PreparedGroup
{
    private readonly List<QueuedWork> _waiting = [];
    private readonly List<QueuedWork> _again = [];
    private readonly List<(QueuedWork Queued, WorkOutcome Outcome)> _settled = [];

    /// <summary>Works for the next group, with what the store holds by then.</summary>
    public IReadOnlyList<QueuedWork> Again => _again;

    public List<PreparedChange> Changes { get; } = [];

    public void Add(PreparedChange change) => Changes.Add(change);

    public void Take(QueuedWork queued) => _waiting.Add(queued);

    public void Settle(QueuedWork queued, WorkOutcome outcome) => _settled.Add((queued, outcome));

    public void LookAgain(QueuedWork queued) => _again.Add(queued with { MustLoad = true });

    public static void Fail(IReadOnlyList<QueuedWork> queued, Exception failure)
    {
        foreach (var each in queued)
            each.Batch.Fail(each.Work, failure);
    }

    /// <summary>
    /// Tells those who wait. What changed nothing is told together with the rest: it may be a duplicate of a work of this very
    /// group, which counts only once it is saved.
    /// </summary>
    public void Tell(IReadOnlySet<Guid> conflicts)
    {
        foreach (var queued in _waiting.Where(queued => !conflicts.Contains(queued.Work.RequestId)))
            queued.Batch.Finish(queued.Work, WorkOutcome.Saved);
        foreach (var (queued, outcome) in _settled.Where(settled => !conflicts.Contains(settled.Queued.Work.RequestId)))
            queued.Batch.Finish(queued.Work, outcome);
    }

    /// <summary>All works of these requests.</summary>
    public IEnumerable<QueuedWork> Of(IReadOnlySet<Guid> requests) =>
        _waiting.Concat(_settled.Select(settled => settled.Queued)).Where(queued => requests.Contains(queued.Work.RequestId));
}
