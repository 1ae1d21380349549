namespace Millrace.Messaging.InMemory;

/// <summary>Which queues the topic exchanges lead to.</summary>
internal sealed class MemoryRoutes
{
    private readonly Lock _gate = new();
    private Binding[] _bindings = [];

    public void Bind(string exchange, string pattern, string queue)
    {
        var binding = new Binding(exchange, pattern, queue, new TopicPattern(pattern));
        lock (_gate)
        {
            if (!_bindings.Any(known => known.Exchange == exchange && known.Pattern == pattern && known.Queue == queue))
                _bindings = [.. _bindings, binding];
        }
    }

    public void Unbind(string queue)
    {
        lock (_gate)
            _bindings = [.. _bindings.Where(binding => binding.Queue != queue)];
    }

    /// <summary>Each queue once, however many of its bindings match.</summary>
    public IEnumerable<string> Find(string exchange, string routingKey) => _bindings
        .Where(binding => binding.Exchange == exchange && binding.Topic.Matches(routingKey))
        .Select(binding => binding.Queue)
        .Distinct(StringComparer.Ordinal);

    private sealed record Binding(string Exchange, string Pattern, string Queue, TopicPattern Topic);
}
