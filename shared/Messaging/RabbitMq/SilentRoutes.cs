namespace Millrace.Messaging.RabbitMq;

/// <summary>
/// Messages that nobody waits for any more and of which the broker has said nothing yet, such as those for a quorum queue without a
/// leader. They take no room in flight; their routes are probed with one message at a time until the broker has a word on all of them,
/// or confirms a later one: a queue that has lost its leader may never say what became of what it was given before.
/// </summary>
/// <param name="suspects">Routes that were silent on the channel before.</param>
internal sealed class SilentRoutes(IEnumerable<Route> suspects)
{
    private const int MaxFailedProbes = 2;

    private readonly Dictionary<ulong, Route> _messages = [];
    private readonly Dictionary<Route, Silence> _routes = suspects.ToDictionary(route => route, _ => new Silence(Since: 0));

    public int Count => _messages.Count;

    public IReadOnlyCollection<Route> Routes => _routes.Keys;

    /// <summary>Probe after probe was not confirmed: perhaps it is the channel that no longer finds the queue.</summary>
    public bool WantNewChannel => _routes.Values.Any(silence => silence.FailedProbes >= MaxFailedProbes);

    public bool Contains(Outbound message) => _routes.ContainsKey(message.Route);

    /// <param name="number">The message's.</param>
    /// <param name="next">Of the message that will be sent next.</param>
    public void Add(ulong number, ulong next, Outbound message)
    {
        var route = message.Route;
        _messages.Add(number, route);
        if (!_routes.TryGetValue(route, out var silence))
            silence = new Silence(Since: next);
        else if (number >= silence.Since)
            silence.FailedProbes++;
        silence.Messages++;
        _routes[route] = silence;
    }

    /// <summary>A message of this route and number is confirmed: what came before it waits for nothing any more.</summary>
    public void Confirmed(ulong number, Outbound message)
    {
        var route = message.Route;
        if (!_routes.TryGetValue(route, out var silence))
            return;
        foreach (var earlier in _messages.Where(pair => pair.Key < number && pair.Value == route).Select(pair => pair.Key).ToList())
            Remove(earlier);
        if (silence.Messages == 0)
            _routes.Remove(route);
    }

    public void Remove(ulong number)
    {
        if (_messages.Remove(number, out var route) && --_routes[route].Messages == 0)
            _routes.Remove(route);
    }

    /// <param name="Since">Messages of this number and above were sent to see whether it is over.</param>
    private sealed record Silence(ulong Since)
    {
        public int Messages { get; set; }

        public int FailedProbes { get; set; }
    }
}
