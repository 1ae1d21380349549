using System.Threading.Channels;

namespace Millrace.WorkflowManager.Runtime;

/// <summary>Wakes the one who waits for something to have changed. Any number of rings before it looks are one.</summary>
internal sealed class Bell(TimeProvider clock)
{
    private readonly Channel<bool> _rung = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Ring() => _rung.Writer.TryWrite(true);

    public async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        await _rung.Reader.WaitToReadAsync(cancellationToken);
        _rung.Reader.TryRead(out _);
    }

    /// <returns>False if nobody has rung within the limit.</returns>
    public async Task<bool> WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_rung.Reader.TryRead(out _))
            return true;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var rung = _rung.Reader.WaitToReadAsync(stop.Token).AsTask();
        await Task.WhenAny(rung, Task.Delay(limit, clock, stop.Token));
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
        return _rung.Reader.TryRead(out _);
    }
}
