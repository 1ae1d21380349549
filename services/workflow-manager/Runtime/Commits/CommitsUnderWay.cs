namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// The law of commits that overlap: a request is in one of them at most, and nothing is decided about it until that one has
/// ended. So every decision rests on what is committed, the groups have no request in common, and a commit that fails, conflicts or ends
/// unclearly takes nothing with it.
/// </summary>
internal sealed class CommitsUnderWay(Bell bell)
{
    private readonly Dictionary<Guid, Commit> _holders = [];
    private readonly List<Commit> _running = [];

    /// <summary>Commits that the store has not answered yet, or whose answer nobody has taken.</summary>
    public int Count => _running.Count;

    public bool HasEnded => _running.Exists(commit => commit.Saving.IsCompleted);

    public void Add(Commit commit)
    {
        foreach (var change in commit.Changes)
            _holders.Add(change.After.Id, commit);
        _running.Add(commit);
        commit.Saving.GetAwaiter().UnsafeOnCompleted(bell.Ring);
    }

    /// <returns>True if the work's request is in a commit: the work then waits behind it.</returns>
    public bool Defer(QueuedWork queued)
    {
        if (!_holders.TryGetValue(queued.Work.RequestId, out var holder))
            return false;
        holder.Behind.Add(queued);
        return true;
    }

    /// <summary>One that the store has answered. It holds its requests until they are released.</summary>
    public Commit? TakeEnded()
    {
        var index = _running.FindIndex(commit => commit.Saving.IsCompleted);
        if (index < 0)
            return null;
        var ended = _running[index];
        _running.RemoveAt(index);
        return ended;
    }

    /// <summary>What it saved is known, or that it failed: its requests may be decided about again.</summary>
    public void Release(Commit commit)
    {
        foreach (var change in commit.Changes)
            _holders.Remove(change.After.Id);
    }

    /// <summary>Returns when the store has answered all of them.</summary>
    public Task AllEndedAsync() => Task.WhenAll(_running.Select(commit => commit.Saving));
}
