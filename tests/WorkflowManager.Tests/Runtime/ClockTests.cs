using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>The clock is set while requests run.</summary>
public sealed class ClockTests
{
    private const int Posts = 100;

    private static WorkflowManagerOptions Options => new()
    {
        Workflows =
        [
            TestWorkflows.Chain("chain", "a", "b") is var chain
                ? chain with { Steps = [.. chain.Steps.Select(step => step with { Timeout = TimeSpan.FromSeconds(30), Retry = new RetryRule { Attempts = 5, Delay = TimeSpan.FromMilliseconds(20) } })] }
                : null!,
        ],
    };

    [Theory]
    [InlineData(60)]
    [InlineData(-60)]
    public async Task A_jump_of_an_hour_under_load_loses_nothing_and_doubles_nothing(int minutes)
    {
        var clock = new JumpingClock();
        await using var place = await Workplace.OpenAsync();
        await using var manager = await TestManager.StartAsync(place.Bus, place.Store, Options, clock);
        var arrived = new TaskCompletionSource();
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input =>
        {
            arrived.TrySetResult();
            return input;
        });
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);
        var ids = new List<Guid>();
        foreach (var part in Enumerable.Range(0, Posts / 4))
        {
            ids.AddRange(await place.PublishAsync("chain", 4, part * 4));
            if (part != Posts / 8)
                continue;
            await arrived.Task;
            clock.Jump(TimeSpan.FromMinutes(minutes));
        }

        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.All(ids, id => Assert.Equal(1, manager.TimelineAsync(id).Result.Count(happened => happened is { Kind: "completed", Step: null })));
        Assert.Equal(Posts, (await place.Store.Requests.CountAsync(manager.Token)).Single(count => count is { Step: "", Status: "completed" }).Count);
    }

    [Fact]
    public async Task After_a_jump_forward_what_was_overdue_is_sent_again_and_the_first_answer_counts()
    {
        var clock = new JumpingClock();
        await using var place = await Workplace.OpenAsync();
        await using var manager = await TestManager.StartAsync(place.Bus, place.Store, Options, clock);
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(id, view => view.Steps[0] is { Status: "dispatched", Attempt: 1 });

        clock.Jump(TimeSpan.FromHours(1));
        await manager.UntilAsync(id, view => view.Steps[0] is { Status: "dispatched", Attempt: 2 });
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);

        var finished = await manager.FinishAsync(id);
        Assert.Equal("completed", finished.Status);
        Assert.Single(await manager.TimelineAsync(id), happened => happened is { Kind: "completed", Step: "a" });
    }

    [Fact]
    public async Task A_clock_that_is_set_back_and_set_right_again_keeps_no_timer_waiting()
    {
        var clock = new JumpingClock();
        await using var place = await Workplace.OpenAsync();
        var id = await LeaveRetryBehindAsync(place);
        await using var manager = await TestManager.StartAsync(place.Bus, place.Store, Options with { Name = "second" }, clock);
        // Long enough for the look at due requests to be waiting by the wrong clock.
        clock.Jump(TimeSpan.FromHours(-1));
        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, manager.Token);
        clock.Jump(TimeSpan.FromHours(1));
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);

        Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    /// <summary>A manager that ends while a retry, which only the store remembers then, is two seconds away.</summary>
    private static async Task<Guid> LeaveRetryBehindAsync(Workplace place)
    {
        var workflow = Options.Workflows[0];
        var slow = workflow with { Steps = [.. workflow.Steps.Select(step => step with { Retry = new RetryRule { Delay = TimeSpan.FromSeconds(2) } })] };
        await using var first = await TestManager.StartAsync(place.Bus, place.Store, Options with { Name = "first", Workflows = [slow] });
        await using var failing = await PlainWorker.StartAsync(place.Bus, "a", item => item.Fail("busy", "not now", transient: true));
        var id = (await place.PublishAsync("chain", 1))[0];
        await first.UntilAsync(id, view => view.Steps[0].Status == "retrying");
        return id;
    }
}
