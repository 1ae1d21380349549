using Millrace.WorkflowManager.Engine.Requests;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Of equal inputs on their way at once the first is worked on, and the others wait for its output to be in the step's cache: once, and
/// not for long. While they wait their tickets are open, so a crash loses none of them. Another manager's are not known here.
/// </summary>
internal sealed class EqualInputs(EffectQueue queue, WorkflowManagerOptions options, TimeProvider clock)
{
    private const int MaxFlights = 50_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Flight> _flights = [];
    private readonly Dictionary<(Guid Request, int Step), string> _keys = [];
    private int _held;

    /// <returns>False if an equal input is on its way, so that this one may be given to <see cref="Hold"/>.</returns>
    public bool MustSend(OpenEffect open)
    {
        if (open.CacheKey is not { } key || open.WasHeld)
            return true;
        var leader = (open.Request.Id, ((Effect.DispatchStep)open.Effect).Step);
        lock (_lock)
        {
            var hasRoom = Volatile.Read(ref _held) < options.DispatchHighWater / 2;
            if (_flights.TryGetValue(key, out var flight) && flight.Leader != leader && IsYoung(flight) && hasRoom)
                return false;
            if (flight is not null)
                Forget(key, flight);
            if (_flights.Count >= MaxFlights)
                ForgetOld();
            _flights[key] = new Flight(leader) { Since = clock.GetTimestamp() };
            _keys[leader] = key;
            return true;
        }
    }

    /// <summary>They come back to the queue when the first has landed, or when their patience is over.</summary>
    public void Hold(IReadOnlyList<OpenEffect> followers, CancellationToken cancellationToken)
    {
        foreach (var group in followers.GroupBy(open => open.CacheKey!))
            _ = HoldAsync(group.Key, [.. group], cancellationToken);
    }

    /// <summary>
    /// The step has come to an end, or its attempt has; its output, if there is one, is in the cache. It is remembered for a while:
    /// whoever asked the cache just before must ask again.
    /// </summary>
    public void Land(Guid request, int step)
    {
        lock (_lock)
        {
            if (!_keys.Remove((request, step), out var key) || !_flights.TryGetValue(key, out var flight) || flight.Leader != (request, step))
                return;
            flight.Since = clock.GetTimestamp();
            flight.Landing.TrySetResult();
        }
    }

    private async Task HoldAsync(string key, IReadOnlyList<OpenEffect> followers, CancellationToken cancellationToken)
    {
        Interlocked.Add(ref _held, followers.Count);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(LandingOf(key), Task.Delay(followers.Min(PatienceOf), clock, stop.Token));
        await stop.CancelAsync();
        Interlocked.Add(ref _held, -followers.Count);
        // Stopping: the outbox keeps them for the next start.
        if (!cancellationToken.IsCancellationRequested)
            queue.Return(followers);
    }

    private Task LandingOf(string key)
    {
        lock (_lock)
            return _flights.TryGetValue(key, out var flight) ? flight.Landing.Task : Task.CompletedTask;
    }

    /// <summary>Of a step's timeout most must be left to the worker.</summary>
    private TimeSpan PatienceOf(OpenEffect open)
    {
        var left = open.Request.State.Steps[((Effect.DispatchStep)open.Effect).Step].DueAt - clock.GetUtcNow();
        return left is { } wait && wait / 4 < Patience ? TimeSpan.FromTicks(Math.Max(0, wait.Ticks / 4)) : Patience;
    }

    private bool IsYoung(Flight flight) => clock.GetElapsedTime(flight.Since) < Patience;

    private void ForgetOld()
    {
        // If that many are young none is waited for: then all are sent, as without this.
        var isFull = _flights.Values.Count(IsYoung) >= MaxFlights / 2;
        foreach (var (key, flight) in _flights.Where(each => isFull || !IsYoung(each.Value)).ToList())
            Forget(key, flight);
    }

    private void Forget(string key, Flight flight)
    {
        _flights.Remove(key);
        if (_keys.GetValueOrDefault(flight.Leader) == key)
            _keys.Remove(flight.Leader);
        flight.Landing.TrySetResult();
    }

    private sealed class Flight((Guid Request, int Step) leader)
    {
        public (Guid Request, int Step) Leader { get; } = leader;

        /// <summary>When it began, or landed.</summary>
        public long Since { get; set; }

        public TaskCompletionSource Landing { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
