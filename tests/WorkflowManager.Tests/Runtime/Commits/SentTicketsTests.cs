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
        tickets.Open(Ticket, 3);
        tickets.Confirm(Ticket, 2);
        Assert.False(tickets.HasSent);
        tickets.Confirm(Ticket);
        Assert.Equal([Ticket], tickets.Take());
        Assert.False(tickets.IsKnown(Ticket));
    }

    [Fact]
    public void A_ticket_that_recovery_took_up_beside_the_commit_is_sent_once_both_have_confirmed_all()
    {
        var tickets = new SentTickets(_bell);
        tickets.Open(Ticket, 2);
        tickets.Open(Ticket, 2);
        // One part of each may be what is confirmed; the other part is then not on its way.
        tickets.Confirm(Ticket, 2);
        Assert.False(tickets.HasSent);
        tickets.Confirm(Ticket, 2);
        Assert.True(tickets.HasSent);
    }

    [Fact]
    public async Task Whoever_sleeps_is_woken_to_forget_what_is_sent()
    {
        var tickets = new SentTickets(_bell);
        tickets.Open(Ticket, 1);
        var asleep = _bell.WaitAsync(CancellationToken.None).AsTask();
        Assert.False(asleep.IsCompleted);
        tickets.Confirm(Ticket);
        await asleep.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
