using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>What was cancelled or timed out while it waited in a worker's queue is not worked on, over every transport.</summary>
public abstract class CancelConformance : IAsyncLifetime
{
    /// <summary>A name that no other test uses, since a broker outlives a test.</summary>
    private readonly string _queue = $"a-{Guid.NewGuid():N}";

    private Workplace _place = null!;
    private IMessageBus _bus = null!;

    public async ValueTask InitializeAsync()
    {
        _bus = await OpenBusAsync();
        _place = await Workplace.OpenAsync(_bus);
    }

    public async ValueTask DisposeAsync()
    {
        await _place.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected abstract Task<IMessageBus> OpenBusAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task What_is_cancelled_while_a_worker_is_busy_is_answered_without_its_handler(int batch)
    {
        await using var manager = await _place.ManageAsync(One(batch));
        var hold = new TaskCompletionSource();
        await using var worker = await HostedWorker.StartAsync(_bus, _queue, hold.Task);
        var busy = await _place.PublishAsync("chain", 1, from: 100);
        await worker.Called;
        var ids = await _place.PublishAsync("chain", 20);
        await DispatchedAsync(manager, ids);

        await CancelAsync(manager, [.. ids.Take(10), busy[0]]);
        // The running call is told to end as well, which shows that the worker has heard of all.
        await AnsweredAsync(manager, busy[0]);
        hold.SetResult();

        await AssertAsync(manager, worker, ids.Skip(10), ids.Take(10), Uris(10, 10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    public async Task What_was_cancelled_before_the_worker_came_is_answered_without_its_handler(int batch)
    {
        await using var manager = await _place.ManageAsync(One(batch));
        var ids = await _place.PublishAsync("chain", 20);
        await DispatchedAsync(manager, ids);
        await CancelAsync(manager, ids.Take(10));

        await using var worker = await HostedWorker.StartAsync(_bus, _queue);

        await AssertAsync(manager, worker, ids.Skip(10), ids.Take(10), Uris(10, 10));
    }

    [Fact]
    public async Task What_is_redriven_after_it_was_cancelled_is_worked_on_once()
    {
        await using var manager = await _place.ManageAsync(One(0));
        var ids = await _place.PublishAsync("chain", 2);
        await DispatchedAsync(manager, ids);
        await CancelAsync(manager, ids);
        await manager.Get<WorkInbox>().RunAsync([Works.Redrive(ids[1], null, "me")], manager.Token);

        await using var worker = await HostedWorker.StartAsync(_bus, _queue);

        Assert.Equal("completed", (await manager.FinishAsync(ids[1])).Status);
        await AnsweredAsync(manager, ids[0]);
        Assert.Equal(["at://1"], worker.Worked);
    }

    [Fact]
    public async Task What_waits_for_a_request_that_timed_out_is_not_worked_on()
    {
        await using var manager = await _place.ManageAsync(One(0) with { Timeout = TimeSpan.FromMilliseconds(300) });
        var ids = await _place.PublishAsync("chain", 5);
        foreach (var id in ids)
            Assert.Equal("failed", (await manager.FinishAsync(id)).Status);

        await using var worker = await HostedWorker.StartAsync(_bus, _queue);

        await AssertAsync(manager, worker, [], ids, []);
    }

    [Fact]
    public async Task Items_of_a_cancelled_request_are_not_worked_on()
    {
        await using var manager = await _place.ManageAsync(FanOut());
        await _bus.PublishAsync("fan", new JsonObject { ["uri"] = "x", ["items"] = new JsonArray(1, 2, 3) });
        var id = RequestIds.ForKey("fan", "x");
        Guid[] children = [.. Enumerable.Range(0, 3).Select(index => RequestIds.ForChild(id, "all", index))];
        await DispatchedAsync(manager, children);
        await CancelAsync(manager, [id]);
        foreach (var child in children)
            await manager.FinishAsync(child);

        await using var worker = await HostedWorker.StartAsync(_bus, _queue);

        await AssertAsync(manager, worker, [], children, []);
    }

    private WorkflowDefinition One(int batch) =>
        TestWorkflows.Chain("chain", "a") is var chain ? chain with { Steps = [chain.Steps[0] with { Batch = batch, Queue = _queue }] } : null!;

    private WorkflowDefinition FanOut() => new()
    {
        Name = "fan",
        Hash = TestWorkflows.Hash("fan"),
        Key = "uri",
        Steps = [new StepDefinition { Name = "all", Task = "each" }],
        Tasks = [new TaskDefinition { Name = "each", ItemListKey = "items", Steps = [new StepDefinition { Name = "work", Queue = _queue }] }],
    };

    private static string[] Uris(int from, int count) => [.. Enumerable.Range(from, count).Select(index => $"at://{index}")];

    private static async Task DispatchedAsync(TestManager manager, IEnumerable<Guid> ids)
    {
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
    }

    private static Task CancelAsync(TestManager manager, IEnumerable<Guid> ids) =>
        manager.Get<WorkInbox>().RunAsync([.. ids.Select(id => Works.Cancel(id, "me"))], manager.Token);

    private static Task AnsweredAsync(TestManager manager, Guid id) => manager.UntilAsync(
        id, view => view.Status != "running" && manager.TimelineAsync(id).Result.Any(happened => happened.Kind == "late_reply"));

    /// <summary>Those wanted complete; those cancelled are answered, which their timelines tell; the handler saw the first only.</summary>
    private static async Task AssertAsync(
        TestManager manager, HostedWorker worker, IEnumerable<Guid> wanted, IEnumerable<Guid> cancelled, IEnumerable<string> worked)
    {
        foreach (var id in wanted)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        foreach (var id in cancelled)
            await AnsweredAsync(manager, id);
        Assert.Equal(worked.Order(), worker.Worked.Order());
    }
}

public sealed class MemoryCancelTests : CancelConformance
{
    protected override async Task<IMessageBus> OpenBusAsync()
    {
        var bus = BusFactory.Create("memory:");
        await bus.StartAsync(CancellationToken.None);
        return bus;
    }
}

public sealed class RabbitMqCancelTests(NodeFixture node) : CancelConformance, IClassFixture<NodeFixture>
{
    protected override async Task<IMessageBus> OpenBusAsync()
    {
        var bus = BusFactory.Create(node.Url);
        await bus.StartAsync(CancellationToken.None);
        return bus;
    }
}
