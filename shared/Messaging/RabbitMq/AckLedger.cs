namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// Which deliveries of a channel are handled and not yet acknowledged. Deliveries are numbered from 1 without gaps; a run of
/// handled ones from the lowest is acknowledged at once, those above a gap one by one, so that a slow message holds up nobody.
/// </summary>
internal sealed class AckLedger
{
    private readonly HashSet<ulong> _handled = [];
    private readonly HashSet<ulong> _acknowledgedAbove = [];
    private ulong _below;

    public void Handled(ulong tag)
    {
        lock (_handled)
            _handled.Add(tag);
    }

    /// <summary>What to acknowledge now: one number for all up to it (0 for none), and single ones above.</summary>
    public (ulong UpTo, ulong[] Singles) Take()
    {
        lock (_handled)
        {
            // A number that is acknowledged already may not end the run: the broker knows it no more.
            var upTo = 0UL;
            while (true)
            {
                if (_handled.Remove(_below + 1))
                    upTo = ++_below;
                else if (_acknowledgedAbove.Remove(_below + 1))
                    _below++;
                else
                    break;
            }
            ulong[] singles = [.. _handled];
            _acknowledgedAbove.UnionWith(singles);
            _handled.Clear();
            return (upTo, singles);
        }
    }
}
