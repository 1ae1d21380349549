using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Runtime.Commits;

/// <summary>
/// Which commits still have effects on their way. A commit's effects are forgotten in the store by a later commit, once all
/// of them are confirmed; until then a crash sends them again.
/// </summary>
internal sealed class SentTickets(Bell bell)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<OutboxTicket, (int Generation, int Left, bool IsForOthers)> _open = [];
    private readonly List<OutboxTicket> _sent = [];
    private readonly List<Task> _saving = [];
    private int _generation;

    /// <summary>How many commits have effects that are not confirmed.</summary>
    public int OpenCount
    {
        get
        {
            lock (_lock)
                return _open.Count;
        }
    }

    public bool HasSent
    {
        get
        {
            lock (_lock)
                return _sent.Count > 0;
        }
    }

    /// <summary>Whose leases are to be prolonged.</summary>
    public IReadOnlyList<OutboxTicket> InHand()
    {
        lock (_lock)
            return [.. _open.Where(open => !open.Value.IsForOthers).Select(open => open.Key), .. _sent];
    }

    /// <param name="parts">
    /// How many times <see cref="Confirm"/> must follow. Recovery may have found the ticket before the commit loop knew of it: then
    /// its effects are on their way twice, and all of them must be confirmed.
    /// </param>
    /// <param name="isForOthers">Some of it can't be carried out here: its lease is left to end, so that a manager that can takes it up.</param>
    /// <returns>
    /// What confirms must name. A ticket that was abandoned and is opened again has another: confirms of the copy from before say nothing
    /// about which effects of the new one are done.
    /// </returns>
    public int Open(OutboxTicket ticket, int parts, bool isForOthers = false)
    {
        if (ticket == OutboxTicket.None)
            return 0;
        lock (_lock)
        {
            if (parts == 0)
            {
                Sent(ticket);
                return 0;
            }
            var open = _open.GetValueOrDefault(ticket, (Generation: ++_generation, Left: 0, IsForOthers: false));
            _open[ticket] = open with { Left = open.Left + parts, IsForOthers = isForOthers };
            return open.Generation;
        }
    }

    public void Confirm(OutboxTicket ticket, int generation, int parts = 1)
    {
        lock (_lock)
        {
            if (!_open.TryGetValue(ticket, out var open) || open.Generation != generation)
                return;
            if (open.Left > parts)
            {
                _open[ticket] = open with { Left = open.Left - parts };
                return;
            }
            _open.Remove(ticket);
            Sent(ticket);
        }
    }

    /// <summary>Nobody in this process will carry these effects out; recovery must find them.</summary>
    public void Abandon(OutboxTicket ticket, int generation)
    {
        lock (_lock)
        {
            if (_open.TryGetValue(ticket, out var open) && open.Generation == generation)
                _open.Remove(ticket);
        }
    }

    /// <summary>A commit goes to the store: until it has ended, its ticket may be stored and not opened yet.</summary>
    public void Await(Task commit)
    {
        lock (_lock)
        {
            _saving.RemoveAll(other => other.IsCompleted);
            _saving.Add(commit);
        }
    }

    /// <summary>Ends when of all that is stored by now and this process saved the ticket is known, or known to be lost.</summary>
    public Task AllKnownAsync()
    {
        lock (_lock)
            return Task.WhenAll(_saving);
    }

    /// <summary>True while this process has the ticket's effects in hand, so that they need no recovery.</summary>
    public bool IsKnown(OutboxTicket ticket)
    {
        lock (_lock)
            return _open.ContainsKey(ticket) || _sent.Contains(ticket);
    }

    /// <summary>True of a ticket some of which can't be carried out here.</summary>
    public bool IsForOthers(OutboxTicket ticket)
    {
        lock (_lock)
            return _open.TryGetValue(ticket, out var open) && open.IsForOthers;
    }

    /// <summary>Takes out what is confirmed, to be forgotten by the commit that follows.</summary>
    public IReadOnlyList<OutboxTicket> Take()
    {
        lock (_lock)
        {
            OutboxTicket[] sent = [.. _sent];
            _sent.Clear();
            return sent;
        }
    }

    /// <summary>The commit that should have forgotten them failed.</summary>
    public void PutBack(IReadOnlyList<OutboxTicket> sent)
    {
        lock (_lock)
            _sent.AddRange(sent);
    }

    /// <summary>The loop may be asleep, and what is sent must be forgotten even if nothing else comes.</summary>
    private void Sent(OutboxTicket ticket)
    {
        _sent.Add(ticket);
        if (_sent.Count == 1)
            bell.Ring();
    }
}
