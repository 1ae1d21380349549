using Millrace.Messaging;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>
/// Whether messages go out, as those in hand show: so there is always one that tries, and no state of the connection alone stops anybody.
/// </summary>
internal sealed class BrokerWatch(IMessageBus bus, TimeProvider clock)
{
    /// <summary>So long a broker that is there needs at most.</summary>
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private int _onTheirWay;
    private int _failing;
    private long _movedAt;

    /// <summary>Messages that the broker has not confirmed yet.</summary>
    public int OnTheirWay => Volatile.Read(ref _onTheirWay);

    /// <summary>What is in hand does not get through: what is decided now would leave together with it later.</summary>
    public bool IsAway => Volatile.Read(ref _failing) > 0
        || (OnTheirWay > 0 && !bus.IsHealthy && clock.GetElapsedTime(Volatile.Read(ref _movedAt)) > Usual);

    public void Begin(int messages)
    {
        if (Interlocked.Add(ref _onTheirWay, messages) == messages)
            Volatile.Write(ref _movedAt, clock.GetTimestamp());
    }

    public void End(int messages)
    {
        Interlocked.Add(ref _onTheirWay, -messages);
        Volatile.Write(ref _movedAt, clock.GetTimestamp());
    }

    /// <summary>A call that failed tries again; <see cref="Recover"/> must follow.</summary>
    public void Fail() => Interlocked.Increment(ref _failing);

    public void Recover() => Interlocked.Decrement(ref _failing);
}
