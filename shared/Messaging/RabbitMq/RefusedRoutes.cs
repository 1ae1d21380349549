namespace Millrace.Messaging.RabbitMq;

/// <summary>Routes whose messages the broker refuses, and since when it has confirmed none of them.</summary>
internal sealed class RefusedRoutes(TimeProvider time)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(5);

    private readonly Dictionary<Route, (long First, long Last)> _routes = [];

    /// <summary>
    /// A route was refused again and again. Its queue is full; or the channel is to blame: after a change of the queue's leader RabbitMQ 3.10
    /// can go on refusing what a channel from before brings, for ever, and takes it from another.
    /// </summary>
    public bool WantNewChannel => _routes.Values.Any(times => time.GetElapsedTime(times.First, times.Last) >= Long);

    public void Refused(Outbound message)
    {
        var (route, now) = (message.Route, time.GetTimestamp());
        _routes[route] = (_routes.TryGetValue(route, out var times) ? times.First : now, now);
    }

    public void Confirmed(Outbound message)
    {
        if (_routes.Count > 0)
            _routes.Remove(message.Route);
    }
}
