namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// Messages that nobody waits for any more and of which the broker has said nothing yet, such as those for a quorum queue without a
/// leader. They take no room in flight; their routes are probed with one message at a time until the broker has a word on all of them,
/// or confirms a later one: a queue that has lost its leader may never say what became of what it was given before.
/// </summary>
internal sealed class SilentRoutes
{
    private readonly Dictionary<ulong, (string Exchange, string RoutingKey)> _messages = [];
    private readonly Dictionary<(string Exchange, string RoutingKey), int> _routes = [];

    public int Count => _messages.Count;

    public bool Contains(Outbound message) => _routes.ContainsKey((message.Exchange, message.RoutingKey));

    public void Add(ulong number, Outbound message)
    {
        var route = (message.Exchange, message.RoutingKey);
        _messages.Add(number, route);
        _routes[route] = _routes.GetValueOrDefault(route) + 1;
    }

    /// <summary>A message of this route and number is confirmed: what came before it waits for nothing any more.</summary>
    public void RemoveBefore(ulong number, Outbound message)
    {
        if (!Contains(message))
            return;
        var route = (message.Exchange, message.RoutingKey);
        foreach (var earlier in _messages.Where(pair => pair.Key < number && pair.Value == route).Select(pair => pair.Key).ToList())
            Remove(earlier);
    }

    public void Remove(ulong number)
    {
        if (!_messages.Remove(number, out var route))
            return;
        if (--_routes[route] == 0)
            _routes.Remove(route);
    }
}
