using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Messaging;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

/// <summary>What is known of queues, also of those of a broker that is away.</summary>
public sealed class QueueFactsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nobody_waits_for_a_broker_that_is_away_and_one_look_speaks_for_all_queues()
    {
        var failpoints = new Failpoints(Fault.None, 0, seed: 0) { IsBrokerAway = true };
        var looks = 0;
        await using var bus = await OpenAsync(failpoints, () => looks++);
        var facts = new QueueFacts(bus, TimeProvider.System, NullLogger<QueueFacts>.Instance);

        foreach (var queue in Enumerable.Range(0, 50))
            Assert.Equal(QueueFact.Unreachable, await facts.FindAsync($"q{queue}", Token).WaitAsync(TimeSpan.FromSeconds(30), Token));

        Assert.InRange(looks, 1, 10);
    }

    [Fact]
    public async Task Whoever_leaves_does_not_end_the_look_of_the_others()
    {
        var failpoints = new Failpoints(Fault.None, 0, seed: 0) { IsBrokerAway = true };
        await using var bus = await OpenAsync(failpoints, () => { });
        var facts = new QueueFacts(bus, TimeProvider.System, NullLogger<QueueFacts>.Instance);
        using var impatient = new CancellationTokenSource();
        var first = facts.FindAsync("a", impatient.Token);
        var second = facts.FindAsync("a", Token);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.False((await second).IsReachable);
    }

    [Fact]
    public async Task A_queue_that_is_not_there_is_missing_and_one_that_is_has_a_depth()
    {
        await using var bus = await OpenAsync(new Failpoints(Fault.None, 0, seed: 0), () => { });
        await bus.DeclareQueueAsync("a", Token);
        var facts = new QueueFacts(bus, TimeProvider.System, NullLogger<QueueFacts>.Instance);
        Assert.True((await facts.FindAsync("nowhere", Token)).IsMissing);
        Assert.Equal((false, 0L), ((await facts.FindAsync("a", Token)).IsMissing, (await facts.FindAsync("a", Token)).Depth!.Messages));
    }

    private static async Task<FailingBus> OpenAsync(Failpoints failpoints, Action looked)
    {
        var bus = BusFactory.Create("memory:");
        await bus.StartAsync(Token);
        return new FailingBus(bus, failpoints) { Looked = looked };
    }
}
