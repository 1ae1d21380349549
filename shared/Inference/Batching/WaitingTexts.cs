using System.Threading.Channels;

namespace Millrace.Inference.Batching;

/// <summary>The texts before the devices: counted, so that one more than the limit is refused and not queued.</summary>
internal sealed class WaitingTexts(int limit)
{
    private readonly Channel<PendingText> _arrivals = Channel.CreateBounded<PendingText>(
        new BoundedChannelOptions(limit) { SingleReader = true });
    private readonly List<PendingText> _pool = [];
    private int _count;

    public int Count => Volatile.Read(ref _count);

    public bool TryAdd(PendingText text)
    {
        if (Interlocked.Increment(ref _count) <= limit && _arrivals.Writer.TryWrite(text))
            return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Close() => _arrivals.Writer.TryComplete();

    /// <returns>False when nothing waits and nothing will come any more.</returns>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken) =>
        _pool.Count > 0 || await _arrivals.Reader.WaitToReadAsync(cancellationToken);

    /// <summary>Takes the next batch out; empty if every waiting caller went away.</summary>
    public List<PendingText> TakeNext(BatchLimits limits)
    {
        while (_arrivals.Reader.TryRead(out var text))
            _pool.Add(text);
        Interlocked.Add(ref _count, -_pool.RemoveAll(text => text.IsDropped));
        if (_pool.Count == 0)
            return [];
        var lengths = new int[_pool.Count];
        for (var i = 0; i < lengths.Length; i++)
            lengths[i] = _pool[i].Tokens;
        var chosen = BatchPlanner.Next(lengths, limits);
        var batch = chosen.Select(position => _pool[position]).ToList();
        Remove(chosen);
        Interlocked.Add(ref _count, -batch.Count);
        return batch;
    }

    /// <summary>Takes out everything that still waits.</summary>
    public List<PendingText> Drain()
    {
        while (_arrivals.Reader.TryRead(out var text))
            _pool.Add(text);
        List<PendingText> rest = [.. _pool];
        _pool.Clear();
        Interlocked.Add(ref _count, -rest.Count);
        return rest;
    }

    /// <summary>Keeps the order of arrival.</summary>
    private void Remove(int[] positions)
    {
        var taken = new HashSet<int>(positions);
        var position = 0;
        _pool.RemoveAll(_ => taken.Contains(position++));
    }
}
