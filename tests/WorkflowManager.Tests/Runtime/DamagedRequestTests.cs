using Microsoft.Extensions.Diagnostics.HealthChecks;
using Millrace.Contracts;
using Millrace.Messaging;
using Millrace.Storage;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>One request that the store can't load, or refuses to save, fails alone: all others go on, and health names it.</summary>
public sealed class DamagedRequestTests
{
    private const int Posts = 5;
    private const int Bad = 2;

    private static readonly WorkflowDefinition Workflow = TestWorkflows.Chain("chain", "a") is var chain
        ? chain with { Steps = [chain.Steps[0] with { Timeout = TimeSpan.FromMinutes(1), Retry = new RetryRule { Attempts = 1 } }] } : null!;

    /// <summary>Nothing is kept in memory, and what never succeeds is soon a dead letter.</summary>
    private static readonly WorkflowManagerOptions Options =
        new() { Workflows = [Workflow], CacheMaxRequests = 0, DeliveryLimit = 2, DuePollMs = 10, ResendDelayMs = 20, LeaseSeconds = 2 };

    [Fact]
    public async Task A_damaged_row_of_a_file_stops_nobody_else()
    {
        await using var place = await Workplace.OpenAsync();
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(Options with { Name = "first" }))
        {
            ids = await place.PublishAsync("chain", Posts);
            foreach (var id in ids)
                await first.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        }
        await place.DamageAsync($$"""{"uri":"at://{{Bad}}"}""");
        var clock = new JumpingClock();
        await using var second = await TestManager.StartAsync(place.Bus, place.Store, Options with { Name = "second" }, clock);
        var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using (worker)
        {
            // Perhaps it was sent before, and perhaps not.
            await place.Bus.SendAsync(
                [new OutgoingMessage("", Wire.ReplyQueue, "{}"u8.ToArray(), new MessageProperties { CorrelationId = $"{ids[Bad]}:a" })], second.Token);
            await OthersGoOnAsync(place, second, ids);
        }

        // Its timer is due before that of another.
        var late = (await place.PublishAsync("chain", 1, from: Posts))[0];
        await second.UntilAsync(late, view => view.Steps[0].Status == "dispatched");
        while (second.Get<UnsentDispatches>().MayBeLost)
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, second.Token);
        clock.Jump(TimeSpan.FromMinutes(2));
        Assert.Equal("failed", (await second.FinishAsync(late)).Status);
    }

    [Fact]
    public async Task Effects_that_were_saved_with_those_of_a_damaged_request_are_carried_out()
    {
        await using var place = await Workplace.OpenAsync();
        var ids = Enumerable.Range(0, Posts).Select(_ => Guid.NewGuid()).ToList();
        var bad = SavedRequests.Begin(place, Workflow, ids[Bad]);
        bad = bad with { Outputs = [bad.Outputs[0] with { Body = """{"uri":"damaged"}"""u8.ToArray() }] };
        await place.Store.Requests.CommitAsync(
            [.. ids.Select(id => id == ids[Bad] ? bad : SavedRequests.Begin(place, Workflow, id))], [], "gone",
            TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
        await place.DamageAsync("""{"uri":"damaged"}""");
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        await using var manager = await place.ManageAsync(Options);

        foreach (var id in ids.Where(id => id != ids[Bad]))
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.Contains(ids[Bad].ToString(), await UntilAsync(manager, HealthStatus.Degraded), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(StoreFailure.Corrupt))]
    [InlineData(nameof(StoreFailure.Unavailable))]
    public async Task One_that_a_server_fails_to_load_whatever_it_says_stops_nobody_else(string failure)
    {
        await using var place = await Workplace.OpenAsync();
        var bad = Guid.Empty;
        var failpoints = new Failpoints(Fault.None, 0, seed: 0)
        {
            Loading = ids =>
            {
                if (ids.Contains(bad))
                    throw new StoreException(Enum.Parse<StoreFailure>(failure), "XX000");
            },
        };
        await using var manager = await place.ManageAsync(Options, failpoints);
        var ids = await place.PublishAsync("chain", Posts);
        foreach (var id in ids)
            await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        bad = ids[Bad];
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        await OthersGoOnAsync(place, manager, ids);

        bad = Guid.Empty;
        await manager.DoAsync(Works.Cancel(ids[Bad], "ann"));
        await UntilAsync(manager, HealthStatus.Healthy);
    }

    [Theory]
    [InlineData(nameof(StoreFailure.Corrupt))]
    [InlineData(nameof(StoreFailure.Unavailable))]
    public async Task One_that_a_server_refuses_to_save_whatever_it_says_is_not_tried_for_ever_with_its_group(string failure)
    {
        await using var place = await Workplace.OpenAsync();
        var bad = RequestIds.ForKey("chain", $"at://{Bad}");
        var failpoints = new Failpoints(Fault.None, 0, seed: 0)
        {
            BeforeCommit = changes => changes.Any(change => change.Record.Id == bad && change.Record.Version > 1)
                ? throw new StoreException(Enum.Parse<StoreFailure>(failure), "XX000") : Task.CompletedTask,
        };
        await using var manager = await place.ManageAsync(Options, failpoints);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        await OthersGoOnAsync(place, manager, await place.PublishAsync("chain", Posts));
    }

    private static async Task OthersGoOnAsync(Workplace place, TestManager manager, IReadOnlyList<Guid> ids)
    {
        foreach (var id in ids.Where(id => id != ids[Bad]))
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.Contains($"can't load or save request {ids[Bad]}", await place.NextDeadLetterAsync(manager.Token), StringComparison.Ordinal);
        Assert.Contains(ids[Bad].ToString(), await UntilAsync(manager, HealthStatus.Degraded), StringComparison.Ordinal);
    }

    private static async Task<string> UntilAsync(TestManager manager, HealthStatus status)
    {
        while (true)
        {
            var health = await manager.Get<ManagerHealth>().CheckHealthAsync(new HealthCheckContext(), manager.Token);
            if (health.Status == status)
                return health.Description ?? "";
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, manager.Token);
        }
    }
}
