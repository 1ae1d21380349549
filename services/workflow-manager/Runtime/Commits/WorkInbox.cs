using System.Threading.Channels;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Where works wait for the commit loop. What comes from outside waits at the door while too much is on its way to the broker;
/// what the manager tells itself never does, for it is what lets the rest go on.
/// </summary>
internal sealed class WorkInbox(WorkflowManagerOptions options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan IdleFlush = TimeSpan.FromMilliseconds(100);

    private readonly Channel<WorkBatch> _batches = Channel.CreateBounded<WorkBatch>(
        new BoundedChannelOptions(options.InboxCapacity));

    private readonly Queue<QueuedWork> _returned = new();
    private readonly CancellationTokenSource _closed = new();

    /// <summary>Returns when all works are done and saved.</summary>
    public async Task RunAsync(IReadOnlyList<RequestWork> works, CancellationToken cancellationToken)
    {
        if (works.Count == 0)
            return;
        var batch = new WorkBatch(works);
        await _batches.Writer.WriteAsync(batch, cancellationToken);
        using var closing = _closed.Token.UnsafeRegister(static (state, token) => ((WorkBatch)state!).Cancel(token), batch);
        await batch.Done.WaitAsync(cancellationToken);
    }

    /// <summary>True when there is something to do, be it only to forget what was sent.</summary>
    public async Task<bool> WaitAsync(SentTickets tickets, CancellationToken cancellationToken)
    {
        if (_returned.Count > 0)
            return true;
        if (!tickets.HasSent)
            return await _batches.Reader.WaitToReadAsync(cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var more = _batches.Reader.WaitToReadAsync(stop.Token).AsTask();
        if (!more.IsCompleted)
            await Task.WhenAny(more, Task.Delay(IdleFlush, clock, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return !more.IsCompletedSuccessfully || await more;
    }

    /// <summary>What is there, up to the limits of a group; a batch is never parted.</summary>
    public IReadOnlyList<QueuedWork> Take()
    {
        if (_returned.TryPeek(out var first) && first.Alone)
            return [_returned.Dequeue()];
        var group = new List<QueuedWork>();
        while (group.Count < options.GroupMaxItems && _returned.TryPeek(out var next) && !next.Alone)
            group.Add(_returned.Dequeue());
        long bytes = 0;
        while (group.Count < options.GroupMaxItems && bytes < options.GroupMaxBytes && _batches.Reader.TryRead(out var batch))
        {
            bytes += batch.Bytes;
            foreach (var work in batch.Works)
                group.Add(new QueuedWork(batch, work));
        }
        return group;
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
        _batches.Writer.TryComplete();
        _closed.Cancel();
    }

    public void Dispose() => _closed.Dispose();
}
