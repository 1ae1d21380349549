using System.Threading.Channels;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Where works wait for the commit loop. What goes on with a request that has begun comes before new requests: so no more of
/// them run at once than keep the system busy, their states stay in memory, and each is done sooner.
/// </summary>
internal sealed class WorkInbox(Bell bell, WorkflowManagerOptions options) : IDisposable
{
    /// <summary>One in so many works of a full group is a new request, whatever else waits: neither side may starve.</summary>
    private const int FreshShare = 32;

    private readonly Channel<WorkBatch> _begun = Channel.CreateBounded<WorkBatch>(options.InboxCapacity);
    private readonly Channel<WorkBatch> _fresh = Channel.CreateBounded<WorkBatch>(options.InboxCapacity);
    private readonly Queue<QueuedWork> _returned = new();
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Returns when all works are done and saved.</summary>
    public Task RunAsync(IReadOnlyList<RequestWork> works, CancellationToken cancellationToken) => PutAsync(_begun, works, cancellationToken);

    /// <summary>The same for requests that come from outside.</summary>
    public Task BeginAsync(IReadOnlyList<RequestWork> works, CancellationToken cancellationToken) => PutAsync(_fresh, works, cancellationToken);

    public bool CanTake(OpenGroup group) => group.HasRoom
        && (_returned.TryPeek(out var first) ? !first.Alone || group.IsEmpty : _begun.Reader.Count + _fresh.Reader.Count > 0);

    /// <summary>Some of what is there; a batch is never parted.</summary>
    /// <param name="maxItems">One batch alone may hold more.</param>
    public IReadOnlyList<QueuedWork> Take(int maxItems)
    {
        if (_returned.TryPeek(out var first) && first.Alone)
            return [_returned.Dequeue()];
        var taken = new List<QueuedWork>(maxItems);
        while (taken.Count < maxItems && _returned.TryPeek(out var next) && !next.Alone)
            taken.Add(_returned.Dequeue());
        Take(_begun, taken, maxItems - (maxItems / FreshShare));
        Take(_fresh, taken, maxItems);
        Take(_begun, taken, maxItems);
        return taken;
    }

    /// <summary>To be done again, before anything newer.</summary>
    public void PutBack(IEnumerable<QueuedWork> queued)
    {
        foreach (var each in queued)
            _returned.Enqueue(each);
    }

    /// <summary>Nobody will do what still waits; whoever waits for it is told.</summary>
    public void Close()
    {
        _begun.Writer.TryComplete();
        _fresh.Writer.TryComplete();
        _closed.Cancel();
    }

    public void Dispose() => _closed.Dispose();

    private async Task PutAsync(Channel<WorkBatch> lane, IReadOnlyList<RequestWork> works, CancellationToken cancellationToken)
    {
        if (works.Count == 0)
            return;
        var batch = new WorkBatch(works);
        await lane.Writer.WriteAsync(batch, cancellationToken);
        bell.Ring();
        using var closing = _closed.Token.UnsafeRegister(static (state, token) => ((WorkBatch)state!).Cancel(token), batch);
        await batch.Done.WaitAsync(cancellationToken);
    }

    private static void Take(Channel<WorkBatch> lane, List<QueuedWork> taken, int maxItems)
    {
        while (taken.Count < maxItems && lane.Reader.TryRead(out var batch))
        {
            foreach (var work in batch.Works)
                taken.Add(new QueuedWork(batch, work));
        }
    }
}
