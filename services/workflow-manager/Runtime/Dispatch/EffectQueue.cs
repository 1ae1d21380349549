using System.Collections.Immutable;
using System.Threading.Channels;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Runtime.Dispatch;

/// <summary>What one saved change asks for.</summary>
internal sealed record CommittedEffects(RunningRequest Request, ImmutableArray<Effect> Effects);

/// <summary>One effect in hand, and the commit that remembers it.</summary>
/// <param name="Generation">Which opening of the ticket it belongs to (<see cref="SentTickets.Open"/>).</param>
internal readonly record struct OpenEffect(RunningRequest Request, Effect Effect, OutboxTicket Ticket, int Generation = 0);

/// <summary>
/// From the commit loop to the dispatcher. The loop never waits here: what finds no room stays in the store's outbox, from
/// which recovery takes it up again.
/// </summary>
internal sealed class EffectQueue(SentTickets tickets, UnsentDispatches unsent, WorkflowManagerOptions options)
{
    private readonly Channel<(OutboxTicket Ticket, int Generation, IReadOnlyList<CommittedEffects> Effects)> _groups =
        Channel.CreateBounded<(OutboxTicket, int, IReadOnlyList<CommittedEffects>)>(new BoundedChannelOptions(options.DispatchHighWater));

    private int _waiting;
    private int _suspectLost;

    /// <summary>Effects that the dispatcher has not taken yet, or has put aside.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <param name="kept">Effects of the ticket that can't be carried out here: the store keeps it until another build can.</param>
    public void Add(OutboxTicket ticket, IReadOnlyList<CommittedEffects> committed, int kept = 0)
    {
        var count = committed.Sum(each => each.Effects.Length);
        var generation = tickets.Open(ticket, count + kept, isForOthers: kept > 0);
        if (count == 0)
            return;
        Interlocked.Add(ref _waiting, count);
        Remember(committed);
        if (_groups.Writer.TryWrite((ticket, generation, committed)))
            return;
        Interlocked.Add(ref _waiting, -count);
        foreach (var each in committed.SelectMany(each => each.Effects, (each, effect) => new OpenEffect(each.Request, effect, ticket)))
            unsent.Remove(each);
        tickets.Abandon(ticket, generation);
        SuspectLost();
    }

    /// <summary>Nobody here carries these out; recovery begins anew with their commits.</summary>
    public void Abandon(IReadOnlyList<OpenEffect> effects)
    {
        foreach (var open in effects)
            unsent.Remove(open);
        foreach (var (ticket, generation) in effects.Select(open => (open.Ticket, open.Generation)).Distinct())
            tickets.Abandon(ticket, generation);
        SuspectLost();
    }

    /// <summary>Effects that no commit remembers; waits for room.</summary>
    public async Task AddAsync(IReadOnlyList<CommittedEffects> effects, CancellationToken cancellationToken)
    {
        var count = effects.Sum(each => each.Effects.Length);
        if (count == 0)
            return;
        Interlocked.Add(ref _waiting, count);
        Remember(effects);
        await _groups.Writer.WriteAsync((OutboxTicket.None, 0, effects), cancellationToken);
    }

    /// <summary>Everything that is there now; waits until something is.</summary>
    /// <returns>Empty once the queue is closed.</returns>
    public async Task<IReadOnlyList<OpenEffect>> TakeAsync(int maxEffects, CancellationToken cancellationToken)
    {
        var taken = new List<OpenEffect>();
        if (!await _groups.Reader.WaitToReadAsync(cancellationToken))
            return taken;
        while (taken.Count < maxEffects && _groups.Reader.TryRead(out var group))
        {
            foreach (var committed in group.Effects)
            {
                foreach (var effect in committed.Effects)
                    taken.Add(new OpenEffect(committed.Request, effect, group.Ticket, group.Generation));
            }
        }
        Interlocked.Add(ref _waiting, -taken.Count);
        return taken;
    }

    /// <summary>So many that were taken wait still, elsewhere.</summary>
    public void PutAside(int count) => Interlocked.Add(ref _waiting, count);

    /// <summary>So many that were put aside wait no more.</summary>
    public void TakeAside(int count) => Interlocked.Add(ref _waiting, -count);

    /// <summary>Some effects of this manager may be saved and in nobody's hands.</summary>
    public void SuspectLost()
    {
        unsent.SuspectLost();
        Volatile.Write(ref _suspectLost, 1);
    }

    /// <returns>True once after each <see cref="SuspectLost"/>.</returns>
    public bool TakeSuspicion() => Interlocked.Exchange(ref _suspectLost, 0) == 1;

    /// <summary>Before anybody can carry them out, so that what is sent at once is not remembered for ever.</summary>
    private void Remember(IReadOnlyList<CommittedEffects> committed)
    {
        foreach (var each in committed)
        {
            foreach (var effect in each.Effects)
                unsent.Add(each.Request, effect);
        }
    }
}
