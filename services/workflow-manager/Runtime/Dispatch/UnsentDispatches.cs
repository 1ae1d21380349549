using System.Collections.Concurrent;
using System.Collections.Immutable;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Attempts of steps with a timeout that this manager has in hand and the broker has not confirmed: their timeout has not begun. They are
/// known from before anybody can send them until they are confirmed, given up or no longer wanted.
/// </summary>
internal sealed class UnsentDispatches(IMessageBus bus, StoreClock clock)
{
    /// <summary>Of a step's timeout: what was confirmed later than that has its timer set anew.</summary>
    private const double UsualShare = 0.1;

    private readonly ConcurrentDictionary<(Guid RequestId, int Step, int Attempt), UnsentDispatch> _inHand = new();
    private int _suspicions = 1;
    private int _settled;

    /// <summary>
    /// Effects may be saved and in nobody's hands: from the start, until the leases that others had given before it have ended, and
    /// after each <see cref="SuspectLost"/>, until somebody has taken them up.
    /// </summary>
    public bool MayBeLost => Volatile.Read(ref _settled) != Volatile.Read(ref _suspicions);

    public void Add(RunningRequest request, Effect effect)
    {
        if (effect is Effect.DispatchStep dispatch && request.Graph.Steps[dispatch.Step].Timeout is { } timeout
            && request.State.Steps[dispatch.Step] is { DueAt: { } due, DispatchedAt: { } dispatchedAt } step && step.Attempt == dispatch.Attempt)
            _inHand.TryAdd(KeyOf(request, dispatch), new UnsentDispatch(request.Id, dispatch, timeout, dispatchedAt, clock.GetTimestamp(), due));
    }

    public void Remove(OpenEffect open)
    {
        if (open.Effect is Effect.DispatchStep dispatch)
            _inHand.TryRemove(KeyOf(open.Request, dispatch), out _);
    }

    /// <summary>Null if the attempt is not in hand, or of a step without timeout.</summary>
    public UnsentDispatch? Find(RunningRequest request, Effect.DispatchStep dispatch) => _inHand.GetValueOrDefault(KeyOf(request, dispatch));

    /// <summary>Those that have been in hand for longer than usual and whose timer fires before the given moment.</summary>
    public IEnumerable<UnsentDispatch> FindDue(DateTimeOffset before, TimeSpan usual) =>
        _inHand.Values.Where(each => each.Due < before && clock.GetElapsedTime(each.Since) >= usual);

    /// <summary>True if the attempt is sent, or about to be, so late that its timeout must begin anew.</summary>
    public bool IsLate(UnsentDispatch each) =>
        each.Due > each.DispatchedAt + each.Timeout || clock.GetUtcNow() - each.DispatchedAt > UsualShare * each.Timeout;

    /// <summary>
    /// For <see cref="RequestEvent.TimerFired.Unsent"/>. While the broker is away nobody can say what became of an attempt, and no reply can come.
    /// </summary>
    public ImmutableArray<bool> Of(RunningRequest request)
    {
        var isUnknown = MayBeLost || !bus.IsHealthy;
        if (!isUnknown && _inHand.IsEmpty)
            return default;
        return [.. request.State.Steps.Select((step, index) => isUnknown || _inHand.ContainsKey((request.Id, index, step.Attempt)))];
    }

    public void SuspectLost() => Interlocked.Increment(ref _suspicions);

    /// <returns>To be handed to <see cref="Settle"/> once all that was saved by now has been taken up.</returns>
    public int Suspicions() => Volatile.Read(ref _suspicions);

    public void Settle(int suspicions) => Volatile.Write(ref _settled, suspicions);

    private static (Guid, int, int) KeyOf(RunningRequest request, Effect.DispatchStep dispatch) => (request.Id, dispatch.Step, dispatch.Attempt);
}

/// <param name="since">A time stamp: when it came into this manager's hands.</param>
/// <param name="due">When its timer fires, as far as is known here.</param>
internal sealed class UnsentDispatch(
    Guid requestId, Effect.DispatchStep dispatch, TimeSpan timeout, DateTimeOffset dispatchedAt, long since, DateTimeOffset due)
{
    private long _dueTicks = due.UtcTicks;

    public Guid RequestId { get; } = requestId;

    public Effect.DispatchStep Dispatch { get; } = dispatch;

    public TimeSpan Timeout { get; } = timeout;

    public DateTimeOffset DispatchedAt { get; } = dispatchedAt;

    public long Since { get; } = since;

    public DateTimeOffset Due
    {
        get => new(Volatile.Read(ref _dueTicks), TimeSpan.Zero);
        set => Volatile.Write(ref _dueTicks, value.UtcTicks);
    }
}
