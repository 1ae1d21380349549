namespace Millrace.Messaging.Delivery;

/// <summary>Bounds what is sent and not yet confirmed, or delivered and not yet handled, by messages and by bytes. Who waits is not let in by turns.</summary>
internal sealed class FlightGate(int maxMessages, long maxBytes)
{
    private readonly Lock _gate = new();
    private int _messages;
    private long _bytes;
    private bool _closed;
    private TaskCompletionSource? _room;

    /// <returns>False when the gate is closed.</returns>
    public async ValueTask<bool> EnterAsync(int size, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_closed)
                    return false;
                if (_messages == 0 || (_messages < maxMessages && _bytes + size <= maxBytes))
                {
                    _messages++;
                    _bytes += size;
                    return true;
                }
                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
            await room.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Enters whatever the room.</summary>
    public void Force(int size)
    {
        lock (_gate)
        {
            _messages++;
            _bytes += size;
        }
    }

    public void Leave(int size)
    {
        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _messages--;
            _bytes -= size;
            // Waking the sender once half the room is free lets it write many messages at once.
            if (_messages <= maxMessages / 2 && _bytes <= maxBytes / 2)
                (room, _room) = (_room, null);
        }
        room?.TrySetResult();
    }

    public void Close()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _closed = true;
            (room, _room) = (_room, null);
        }
        room?.TrySetResult();
    }
}
