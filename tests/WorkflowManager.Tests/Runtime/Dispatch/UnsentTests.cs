using System.Globalization;
using System.Threading.Channels;
using Millrace.Contracts;
using Millrace.Contracts.Views;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

/// <summary>The broker is away for longer than steps have time: no attempt is spent on a message that was never sent.</summary>
public sealed class UnsentTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(1);

    private static readonly WorkflowDefinition Workflow = TestWorkflows.Chain("chain", "a") is var chain
        ? chain with { Steps = [chain.Steps[0] with { Timeout = Timeout, Retry = new RetryRule { Attempts = 1 } }] } : null!;

    private static readonly WorkflowManagerOptions Options = new() { Workflows = [Workflow], ResendDelayMs = 20, DuePollMs = 10, LeaseSeconds = 2 };

    [Fact]
    public async Task An_outage_longer_than_the_timeout_of_a_step_costs_no_attempt_and_its_timeout_begins_when_the_broker_has_the_message()
    {
        var clock = new SetClock();
        await using var place = await Workplace.OpenAsync();
        var outage = new Failpoints(Fault.SendIsLost, share: 1, seed: 0) { IsArmed = false };
        await using var manager = await ManageAsync(place, outage, clock);
        outage.IsArmed = true;
        var id = (await place.PublishAsync("chain", 1))[0];
        var view = await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        for (var time = 0; time < 3; time++)
        {
            clock.Forward(10 * Timeout);
            var before = view.UpdatedAt;
            view = await manager.UntilAsync(id, view => view.UpdatedAt > before);
            Assert.Equal(("running", 1, "not_sent"), (view.Status, view.Steps[0].Attempt, view.Why!.Code));
        }

        outage.IsArmed = false;
        var inbox = Channel.CreateUnbounded<IncomingMessage>();
        await using var consumer = await ConsumeAsync(place, inbox);
        var message = await inbox.Reader.ReadAsync(manager.Token);
        var deadline = DateTimeOffset.Parse(message.Properties.Headers[Wire.DeadlineHeader], CultureInfo.InvariantCulture);
        Assert.InRange(deadline, clock.GetUtcNow() + (Timeout / 2), clock.GetUtcNow() + Timeout);
        view = await manager.UntilAsync(id, view => view.Why?.Code != "not_sent");
        Assert.Equal(("running", 1), (view.Status, view.Steps[0].Attempt));

        // Nobody replies to what was sent.
        clock.Forward(Timeout);
        view = await manager.FinishAsync(id);
        Assert.Equal(("failed", "timeout", 1), (view.Status, view.Steps[0].Error!.Type, view.Steps[0].Attempt));
        Assert.False(inbox.Reader.TryRead(out _));
    }

    [Fact]
    public async Task What_was_cancelled_while_the_broker_was_away_is_not_sent_once_it_is_back()
    {
        await using var place = await Workplace.OpenAsync();
        var outage = new Failpoints(Fault.SendIsLost, share: 1, seed: 0) { IsArmed = false };
        await using var manager = await ManageAsync(place, outage, TimeProvider.System);
        outage.IsArmed = true;
        var ids = await place.PublishAsync("chain", 2);
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        await manager.DoAsync(Works.Cancel(ids[0], "ann"));

        outage.IsArmed = false;
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        Assert.Equal("completed", (await manager.FinishAsync(ids[1])).Status);
        Assert.Equal(1, worker.Calls);
    }

    [Fact]
    public async Task Who_holds_a_message_puts_off_its_timer_before_another_manager_sees_it()
    {
        await using var place = await Workplace.OpenAsync();
        var outage = new Failpoints(Fault.SendIsLost, share: 1, seed: 0) { IsArmed = false };
        var brief = Workflow with { Hash = TestWorkflows.Hash("brief"), Steps = [Workflow.Steps[0] with { Timeout = TimeSpan.FromSeconds(3) }] };
        await using var manager = await ManageAsync(place, outage, TimeProvider.System, Options with { Workflows = [brief] });
        outage.IsArmed = true;
        var id = (await place.PublishAsync("chain", 1))[0];
        var begun = await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");

        await manager.UntilAsync(id, view => view.UpdatedAt > begun.UpdatedAt);

        var record = (await place.Store.Requests.LoadAsync([id], manager.Token))[0]!.Record;
        Assert.True(record.UpdatedAt < begun.UpdatedAt.AddSeconds(3), "Its timer had fired.");
        Assert.True(record.DueAt > begun.UpdatedAt.AddSeconds(2 * Options.LeaseSeconds));
    }

    [Fact]
    public async Task What_a_dead_manager_had_not_sent_is_sent_before_its_timer_counts()
    {
        await using var place = await Workplace.OpenAsync();
        var id = Guid.NewGuid();
        var now = TimeProvider.System.GetUtcNow();
        await place.Store.Requests.CommitAsync(
            [SavedRequests.Begin(place, Workflow, id, now.AddHours(-1))], [], "gone", now.AddSeconds(2), TestContext.Current.CancellationToken);

        await using var manager = await place.ManageAsync(Options);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        var view = await manager.FinishAsync(id);
        Assert.Equal(("completed", 1), (view.Status, view.Steps[0].Attempt));
    }

    [Fact]
    public async Task Nothing_is_remembered_of_what_was_sent()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(Options);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        foreach (var id in await place.PublishAsync("chain", 50))
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);

        var unsent = manager.Get<UnsentDispatches>();
        while (unsent.FindDue(DateTimeOffset.MaxValue, TimeSpan.Zero).Any())
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
    }

    /// <summary>A manager that has run for so long that nothing of another's can be lost.</summary>
    private static async Task<TestManager> ManageAsync(
        Workplace place, Failpoints outage, TimeProvider clock, WorkflowManagerOptions? options = null)
    {
        var manager = await TestManager.StartAsync(
            new FailingBus(place.Bus, outage), new FailingStore(place.Store, outage), options ?? Options, clock);
        var unsent = manager.Get<UnsentDispatches>();
        while (unsent.MayBeLost)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
        return manager;
    }

    private static Task<IAsyncDisposable> ConsumeAsync(Workplace place, Channel<IncomingMessage> inbox) => place.Bus.ConsumeAsync(
        new ConsumerOptions { Queue = "a" }, async (message, token) => await inbox.Writer.WriteAsync(message, token), CancellationToken.None);
}
