using System.Diagnostics.CodeAnalysis;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Running requests as last committed, least recently used out first, bounded by number and bytes. Finished ones leave at
/// once. Not thread-safe: only the commit loop touches it.
/// </summary>
internal sealed class RunningCache(WorkflowManagerOptions options)
{
    private readonly Dictionary<Guid, LinkedListNode<RunningRequest>> _nodes = [];
    private readonly LinkedList<RunningRequest> _recent = new();
    private long _bytes;

    public bool TryGet(Guid id, [NotNullWhen(true)] out RunningRequest? request)
    {
        request = null;
        if (!_nodes.TryGetValue(id, out var node))
            return false;
        _recent.Remove(node);
        _recent.AddFirst(node);
        request = node.Value;
        return true;
    }

    /// <summary>As committed; a finished request leaves.</summary>
    public void Put(RunningRequest request)
    {
        Remove(request.Record.Id);
        if (request.IsFinished)
            return;
        PutLoaded(request);
        Trim();
    }

    /// <summary>As loaded for the group at hand, finished or not; the next <see cref="Trim"/> may drop it.</summary>
    public void PutLoaded(RunningRequest request)
    {
        Remove(request.Record.Id);
        _nodes[request.Record.Id] = _recent.AddFirst(request);
        _bytes += request.Bytes;
    }

    public void Trim()
    {
        while (_nodes.Count > options.CacheMaxRequests || (_bytes > options.CacheMaxBytes && _nodes.Count > 0))
            Remove(_recent.Last!.Value.Record.Id);
    }

    public void RemoveIfFinished(Guid id)
    {
        if (_nodes.TryGetValue(id, out var node) && node.Value.IsFinished)
            Remove(id);
    }

    public void Remove(Guid id)
    {
        if (!_nodes.Remove(id, out var node))
            return;
        _recent.Remove(node);
        _bytes -= node.Value.Bytes;
    }
}
