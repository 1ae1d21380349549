namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// Which deliveries of a channel are handled and not yet acknowledged. What is below all that are still in hand is acknowledged at once,
/// the rest one by one, so that a slow message holds up nobody. It holds no more than the channel's prefetch, however long one takes.
/// </summary>
internal sealed class AckLedger
{
    private readonly SortedSet<ulong> _inHand = [];
    private readonly HashSet<ulong> _handled = [];

    /// <summary>Said of each delivery before it is handled.</summary>
    public void Delivered(ulong tag)
    {
        lock (_handled)
            _inHand.Add(tag);
    }

    public void Handled(ulong tag)
    {
        lock (_handled)
        {
            _inHand.Remove(tag);
            _handled.Add(tag);
        }
    }

    /// <summary>What to acknowledge now: one number for all up to it (0 for none), and single ones above.</summary>
    public (ulong UpTo, ulong[] Singles) Take()
    {
        lock (_handled)
        {
            var lowest = _inHand.Count > 0 ? _inHand.Min : ulong.MaxValue;
            // Not just the number below the lowest: a broker refuses the acknowledgement of one that it knows no more.
            var upTo = _handled.Where(tag => tag < lowest).DefaultIfEmpty().Max();
            ulong[] singles = [.. _handled.Where(tag => tag > lowest)];
            _handled.Clear();
            return (upTo, singles);
        }
    }
}
