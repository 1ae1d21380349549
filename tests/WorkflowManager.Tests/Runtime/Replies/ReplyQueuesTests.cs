using System.Collections.Concurrent;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Replies;
using Millrace.WorkflowManager.Runtime.Timers;

namespace Millrace.WorkflowManager.Tests.Runtime.Replies;

/// <summary>Which manager reads which queue first, and that all of them are read.</summary>
public sealed class ReplyQueuesTests
{
    private static readonly Failpoints Shared = new(Fault.None, 0, 0) { IsShared = true };
    private static readonly WorkflowManagerOptions Options = new() { Workflows = [TestWorkflows.Chain("chain", "a", "b")], LeaseSeconds = 6 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_manager_has_one_of_its_own_and_beyond_the_last_they_share()
    {
        await using var place = await Workplace.OpenAsync();
        var own = new List<string>();
        for (var number = 0; number < Wire.MaxReplyQueues; number++)
            own.Add((await TakeAsync(place, $"m{number}", TimeProvider.System)).Own);
        var last = await TakeAsync(place, "late", TimeProvider.System);

        Assert.Equal(Enumerable.Range(0, Wire.MaxReplyQueues).Select(Wire.ReplyQueueOf), own);
        Assert.Contains(last.Own, own);
        Assert.Equal(own, last.Known);
    }

    [Fact]
    public async Task It_is_kept_while_its_manager_lives_and_free_once_the_lease_has_ended()
    {
        await using var place = await Workplace.OpenAsync();
        var clock = new SetClock();
        var one = await TakeAsync(place, "one", clock);
        clock.Forward(TimeSpan.FromSeconds(4));
        await one.RefreshAsync(Token);
        clock.Forward(TimeSpan.FromSeconds(4));

        Assert.Equal("workflow-manager.1", (await TakeAsync(place, "two", clock)).Own);
        clock.Forward(TimeSpan.FromSeconds(4));

        Assert.Equal("workflow-manager", (await TakeAsync(place, "three", clock)).Own);
        await one.RefreshAsync(Token);
        Assert.Equal(("workflow-manager", "workflow-manager workflow-manager.1"), (one.Own, string.Join(' ', one.Known)));
    }

    [Fact]
    public async Task A_restart_under_the_same_name_and_one_after_an_orderly_end_find_theirs_free()
    {
        await using var place = await Workplace.OpenAsync();
        var one = await TakeAsync(place, "one", TimeProvider.System);
        var two = await TakeAsync(place, "two", TimeProvider.System);

        Assert.Equal(two.Own, (await TakeAsync(place, "two", TimeProvider.System)).Own);
        await one.ReleaseAsync(Token);
        Assert.Equal(one.Own, (await TakeAsync(place, "three", TimeProvider.System)).Own);
    }

    [Fact]
    public async Task On_a_store_for_one_manager_there_is_one_queue()
    {
        await using var place = await Workplace.OpenAsync();
        await using var one = await place.ManageAsync(Options with { Name = "one" });
        await using var two = await place.ManageAsync(Options with { Name = "two" });

        Assert.Equal(("workflow-manager", "workflow-manager"), (one.Get<ReplyQueues>().Own, two.Get<ReplyQueues>().Own));
    }

    [Fact]
    public async Task A_reply_to_a_manager_that_is_gone_is_read_by_the_others()
    {
        await using var place = await Workplace.OpenAsync();
        await using var one = await place.ManageAsync(Options with { Name = "one" }, Shared);
        var two = await place.ManageAsync(Options with { Name = "two" }, Shared);
        Assert.Equal(("workflow-manager", "workflow-manager.1"), (one.Get<ReplyQueues>().Own, two.Get<ReplyQueues>().Own));
        var asked = new ConcurrentQueue<MessageProperties>();
        await using var slow = await place.Bus.ConsumeAsync(new ConsumerOptions { Queue = "a" }, (message, _) =>
        {
            asked.Enqueue(message.Properties);
            return Task.CompletedTask;
        }, Token);
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);
        var ids = new List<Guid>();
        for (var part = 0; part < 20; part++)
            ids.AddRange(await place.PublishAsync("chain", 1, part));
        while (asked.Count < ids.Count)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, one.Token);
        Assert.Equal(["workflow-manager", "workflow-manager.1"], asked.Select(properties => properties.ReplyTo).Distinct().Order());

        await two.DisposeAsync();
        await place.Bus.SendAsync(
            [.. asked.Select(properties => new OutgoingMessage("", properties.ReplyTo!, "{}"u8.ToArray(), new MessageProperties { CorrelationId = properties.CorrelationId }))],
            one.Token);

        foreach (var id in ids)
            Assert.Equal("completed", (await one.FinishAsync(id)).Status);
    }

    private static async Task<ReplyQueues> TakeAsync(Workplace place, string name, TimeProvider clock)
    {
        var queues = new ReplyQueues(new FailingStore(place.Store, Shared), Options with { Name = name }, new StoreClock(clock));
        await queues.TakeAsync(Token);
        return queues;
    }
}
