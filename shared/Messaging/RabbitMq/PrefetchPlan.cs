namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// How many messages the broker may send ahead, which counts messages and knows no bytes: at first as many as fit whatever their size,
/// twice as many after each such number of small ones in a row, up to what the consumer wants; and few again with the first that is large.
/// </summary>
/// <param name="mayChange">False for a queue that would end with the consumer that makes way for the next.</param>
internal sealed class PrefetchPlan(int prefetch, BusOptions limits, bool mayChange = true)
{
    private readonly int _few = Few(prefetch, limits, mayChange);
    private volatile int _current = Few(prefetch, limits, mayChange);
    private int _inARow;

    public int Current => _current;

    /// <summary>A body has come.</summary>
    public void Note(int bytes)
    {
        if (bytes > limits.MaxHeldBytes / prefetch)
            (_current, _inARow) = (_few, 0);
        else if (++_inARow >= _current)
            (_current, _inARow) = (Math.Min(prefetch, 2 * _current), 0);
    }

    private static int Few(int prefetch, BusOptions limits, bool mayChange) =>
        mayChange ? Math.Clamp(limits.MaxHeldBytes / limits.MaxBodyBytes, 1, prefetch) : prefetch;
}
