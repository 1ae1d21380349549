using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Commits;

public sealed class SentTicketsTests
{
    private static readonly OutboxTicket Ticket = new(1, "one");

    private readonly Bell _bell = new(TimeProvider.System);

    [Fact]
    public void A_ticket_is_sent_once_all_its_parts_are_confirmed()
    {
        var tickets = new SentTickets(_bell);
        var opening = tickets.Open(Ticket, 3);
        tickets.Confirm(Ticket, opening, 2);
        Assert.False(tickets.HasSent);
        tickets.Confirm(Ticket, opening);
        Assert.Equal([Ticket], tickets.Take());
        Assert.False(tickets.IsKnown(Ticket));
    }

    [Fact]
    public void A_ticket_that_recovery_took_up_beside_the_commit_is_sent_once_both_have_confirmed_all()
    {
        var tickets = new SentTickets(_bell);
        var opening = tickets.Open(Ticket, 2);
        Assert.Equal(opening, tickets.Open(Ticket, 2));
        // One part of each may be what is confirmed; the other part is then not on its way.
        tickets.Confirm(Ticket, opening, 2);
        Assert.False(tickets.HasSent);
        tickets.Confirm(Ticket, opening, 2);
        Assert.True(tickets.HasSent);
    }

    [Fact]
    public void What_the_copy_from_before_an_abandonment_confirms_does_not_count_for_the_one_after_it()
    {
        var tickets = new SentTickets(_bell);
        var before = tickets.Open(Ticket, 2);
        tickets.Abandon(Ticket, before);
        var after = tickets.Open(Ticket, 2);

        tickets.Confirm(Ticket, before, 2);
        tickets.Abandon(Ticket, before);
        Assert.Equal((false, true), (tickets.HasSent, tickets.IsKnown(Ticket)));

        tickets.Confirm(Ticket, after, 2);
        Assert.True(tickets.HasSent);
    }

    [Fact]
    public void What_is_stored_by_now_is_known_once_every_commit_on_its_way_has_ended()
    {
        var tickets = new SentTickets(_bell);
        var (one, two, later) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        Assert.True(tickets.AllKnownAsync().IsCompleted);
        tickets.Await(one.Task);
        tickets.Await(two.Task);
        var known = tickets.AllKnownAsync();
        tickets.Await(later.Task);
        one.SetResult();
        Assert.False(known.IsCompleted);
        two.SetResult();
        Assert.True(known.IsCompleted);
        Assert.False(tickets.AllKnownAsync().IsCompleted);
    }

    [Fact]
    public async Task Whoever_sleeps_is_woken_to_forget_what_is_sent()
    {
        var tickets = new SentTickets(_bell);
        var opening = tickets.Open(Ticket, 1);
        var asleep = _bell.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(asleep.IsCompleted);
        tickets.Confirm(Ticket, opening);
        await asleep.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
