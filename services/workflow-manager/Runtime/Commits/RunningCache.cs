using System.Diagnostics.CodeAnalysis;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Running requests as last committed, least recently used out first, bounded by number and bytes. Finished ones leave at
/// once. Not thread-safe: only the commit loop touches it.
/// </summary>
internal sealed class RunningCache(WorkflowManagerOptions options)
{
    private const double MaxBehind = 0.1;
    private const double Weight = 1.0 / 500;

    private readonly Dictionary<Guid, LinkedListNode<RunningRequest>> _nodes = [];
    private readonly LinkedList<RunningRequest> _recent = new();
    private long _bytes;
    private double _behind;

    /// <summary>
    /// False while other managers work on the same requests so much that memory is often behind the store. To look first then
    /// costs less than a commit that is refused.
    /// </summary>
    public bool IsTrusted => _behind < MaxBehind;

    /// <summary>Told whether what memory held of a request turned out to be behind the store; the last few hundred times count.</summary>
    public void Judge(bool wasBehind) => _behind += Weight * ((wasBehind ? 1 : 0) - _behind);

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
        _nodes[request.Record.Id] = _recent.AddFirst(request);
        _bytes += request.Bytes;
        while (_nodes.Count > options.CacheMaxRequests || (_bytes > options.CacheMaxBytes && _nodes.Count > 0))
            Remove(_recent.Last!.Value.Record.Id);
    }

    public void Remove(Guid id)
    {
        if (!_nodes.Remove(id, out var node))
            return;
        _recent.Remove(node);
        _bytes -= node.Value.Bytes;
    }
}
