using System.Text.Json.Nodes;
using Millrace.Contracts.Views;
using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>Rate limits, workers that ask to wait, retries, timeouts and the result cache.</summary>
public sealed class PaceTests
{
    private static WorkflowDefinition One(Func<StepDefinition, StepDefinition> change) =>
        TestWorkflows.Chain("chain", "a") is var chain ? chain with { Steps = [change(chain.Steps[0])] } : null!;

    [Fact]
    public async Task Over_two_managers_the_slots_of_a_rate_limit_keep_their_distance_and_nothing_leaves_before_its_slot()
    {
        await using var place = await Workplace.OpenAsync();
        var workflow = One(step => step with { RateLimit = new RateLimit(20, TimeSpan.FromSeconds(1)) });
        await using var one = await place.ManageAsync(new WorkflowManagerOptions { Name = "one", Workflows = [workflow] });
        await using var two = await place.ManageAsync(new WorkflowManagerOptions { Name = "two", Workflows = [workflow] });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var ids = new List<Guid>();
        foreach (var index in Enumerable.Range(0, 40))
            ids.AddRange(await place.PublishAsync("chain", 1, index));
        foreach (var id in ids)
            Assert.Equal("completed", (await one.FinishAsync(id)).Status);
        var timelines = await Task.WhenAll(ids.Select(one.TimelineAsync));
        // Whoever misses its slot because this machine is busy is given another later.
        var slots = timelines.Select(timeline => timeline.FirstOrDefault(happened => happened.Kind == "rate_limited")).OfType<TimelineEventView>()
            .Select(happened => happened.Until!.Value).Order().ToList();
        Assert.Equal(40, worker.Calls);
        Assert.All(slots.Zip(slots.Skip(1)), pair => Assert.True(pair.Second - pair.First >= TimeSpan.FromMilliseconds(50)));
        Assert.All(timelines, timeline => Assert.DoesNotContain(
            timeline.Where(happened => happened.Kind == "rate_limited"),
            held => timeline.Single(happened => happened.Kind == "dispatched").At < held.Until));
    }

    [Fact]
    public async Task One_throttled_worker_holds_back_everything_queued_for_the_step()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        var throttled = 0;
        await using var worker = await PlainWorker.StartAsync(
            place.Bus, "a", item => Interlocked.Exchange(ref throttled, 1) == 0 ? item.Throttle(1) : item.Done(item.Input));
        var started = TimeProvider.System.GetTimestamp();
        var first = (await place.PublishAsync("chain", 1))[0];
        Assert.Equal("throttled", (await manager.UntilAsync(first, view => view.Steps[0].Status == "throttled")).Why!.Code);
        var second = (await place.PublishAsync("chain", 1, 1))[0];
        await manager.UntilAsync(second, view => view.Steps[0].Status == "throttled");
        Assert.Equal(1, worker.Calls);
        foreach (var id in new[] { first, second })
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.True(TimeProvider.System.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9));
        Assert.Equal(3, worker.Calls);
    }

    /// <summary>Also of a request that was never sent, because another's worker closed the gate.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Why_a_worker_asks_to_wait_is_told_of_all_that_it_holds_back(int batch)
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(One(step => step with { Batch = batch }) with { Timeout = TimeSpan.FromSeconds(3) });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", item => item.Throttle(600, "API_KEY_INVALID: refused"));
        var first = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(first, view => view.Steps[0].Status == "throttled");
        var second = (await place.PublishAsync("chain", 1, 1))[0];

        foreach (var id in new[] { first, second })
        {
            var why = (await manager.UntilAsync(id, view => view.Steps[0].Status == "throttled")).Why!;
            Assert.Contains("API_KEY_INVALID: refused", why.Sentence, StringComparison.Ordinal);
            Assert.Contains("API_KEY_INVALID: refused", (await manager.FinishAsync(id)).Why!.Sentence, StringComparison.Ordinal);
        }
        Assert.Contains(await manager.TimelineAsync(first), told => told is { Kind: "throttled", Detail: "API_KEY_INVALID: refused" });
        Assert.Equal(1, worker.Calls);
    }

    [Fact]
    public async Task A_throttle_that_the_timeline_leaves_out_closes_the_gate_all_the_same()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        var id = (await place.PublishAsync("chain", 1))[0];
        for (var attempt = 1; attempt <= 40; attempt++)
        {
            await manager.UntilAsync(id, view => view.Steps[0] is { Status: "dispatched" } step && step.Attempt == attempt);
            var throttled = new RequestEvent.StepThrottled(TimeProvider.System.GetUtcNow().AddSeconds(-60), 0, attempt, TimeSpan.FromSeconds(attempt < 40 ? 1 : 90));
            await manager.DoAsync(new RequestWork(id, (_, _) => throttled));
        }

        Assert.DoesNotContain(await manager.TimelineAsync(id), happened => happened is { Kind: "throttled", Attempt: 40 });
        Assert.True(manager.Get<RateGates>().Find(new StepKey("chain", "a")).ClosedUntil > TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task After_a_stall_the_slots_that_nobody_saw_to_do_not_leave_together()
    {
        await using var place = await Workplace.OpenAsync();
        var workflow = One(step => step with { RateLimit = new RateLimit(20, TimeSpan.FromSeconds(1)) });
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(new WorkflowManagerOptions { Name = "first", Workflows = [workflow] }))
        {
            ids = await place.PublishAsync("chain", 60);
            await first.UntilAsync(ids[^1], view => view.Steps[0].Status == "throttled");
        }
        var clock = new JumpingClock();
        clock.Jump(TimeSpan.FromMinutes(10));
        await using var second = await TestManager.StartAsync(place.Bus, place.Store, new WorkflowManagerOptions { Name = "second", Workflows = [workflow] }, clock);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        var sent = new List<DateTimeOffset>();
        foreach (var id in ids)
        {
            Assert.Equal("completed", (await second.FinishAsync(id)).Status);
            sent.Add((await second.TimelineAsync(id)).Last(happened => happened.Kind == "dispatched").At);
        }
        var after = sent.Where(at => at > clock.GetUtcNow().AddMinutes(-5)).Order().ToList();
        Assert.InRange(after.Count, 30, 60);
        // Timers are as late as this machine lets them be; all at once would be forty or more.
        Assert.All(after.Skip(30).Zip(after), pair => Assert.True(pair.First - pair.Second > TimeSpan.FromSeconds(0.9)));
    }

    [Fact]
    public async Task What_a_throttle_held_back_leaves_little_by_little_and_in_batches()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(One(step => step with { Batch = 16 }));
        var throttled = 0;
        await using var worker = await PlainWorker.StartAsync(
            place.Bus, "a", item => Interlocked.Exchange(ref throttled, 1) == 0 ? item.Throttle(1) : item.Done(item.Input));
        var first = (await place.PublishAsync("chain", 1))[0];
        var until = (await manager.UntilAsync(first, view => view.Steps[0].Status == "throttled")).Why!.Until!.Value;

        var ids = await place.PublishAsync("chain", 100, 1);
        foreach (var id in ids)
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);

        var sent = new List<DateTimeOffset>();
        foreach (var id in ids)
            sent.Add((await manager.TimelineAsync(id)).Single(happened => happened.Kind == "dispatched").At);
        Assert.All(sent, at => Assert.True(at >= until));
        Assert.InRange(sent.Count(at => at < until.AddSeconds(1)), 0, 15);
        Assert.InRange(sent.Max() - until, TimeSpan.FromSeconds(2.9), TimeSpan.FromSeconds(20));
        Assert.InRange(worker.Messages, 5, 40);
    }

    [Fact]
    public async Task A_batch_fills_over_the_slots_of_its_rate_limit()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(One(step => step with { Batch = 16, RateLimit = new RateLimit(100, TimeSpan.FromSeconds(1)) }));
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var started = TimeProvider.System.GetTimestamp();
        foreach (var id in await place.PublishAsync("chain", 200))
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started), TimeSpan.FromSeconds(1.9), TimeSpan.FromSeconds(20));
        Assert.InRange(worker.Messages, 13, 60);
    }

    [Fact]
    public async Task A_transient_failure_is_tried_again_and_a_step_without_answer_times_out()
    {
        await using var place = await Workplace.OpenAsync();
        var workflow = One(step => step with
        {
            Timeout = TimeSpan.FromMilliseconds(300),
            Retry = new RetryRule { Attempts = 3, Delay = TimeSpan.FromMilliseconds(50) },
        });
        await using var manager = await place.ManageAsync(workflow);
        var silent = (await place.PublishAsync("chain", 1))[0];
        var failed = await manager.FinishAsync(silent);
        Assert.Equal(("failed", 3, "timeout"), (failed.Status, failed.Steps[0].Attempt, failed.Steps[0].Error!.Type));
        Assert.Equal("failed", failed.Why!.Code);
        await using var worker = await PlainWorker.StartAsync(
            place.Bus, "a", item => item.Attempt < 3 ? item.Fail("BUSY", "later", transient: true) : item.Done(item.Input));
        var tried = await manager.FinishAsync((await place.PublishAsync("chain", 1, 1))[0]);
        Assert.Equal(("completed", 3), (tried.Status, tried.Steps[0].Attempt));
    }

    [Fact]
    public async Task Equal_input_is_answered_from_the_cache_of_the_step_with_its_own_id()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(One(step => step with { Cache = new CacheRule(["text"], TimeSpan.FromDays(1)) }));
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => new JsonObject
        {
            ["score"] = ((string)input["text"]!).Length,
            ["uri"] = (string)input["uri"]!,
        });
        foreach (var (uri, text) in new[] { ("1", "same"), ("2", "same"), ("3", "other") })
        {
            await place.Bus.PublishAsync("chain", new JsonObject { ["uri"] = uri, ["text"] = text });
            var view = await manager.FinishAsync(Millrace.Contracts.RequestIds.ForKey("chain", uri));
            Assert.Equal($$"""{"score":{{text.Length}},"uri":"{{uri}}"}""", view.Result.Text());
            await CachedAsync(manager, view.Id);
        }
        Assert.Equal(2, worker.Calls);
    }

    [Fact]
    public async Task What_is_run_again_by_hand_is_not_answered_from_the_cache()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(One(step => step with { Cache = new CacheRule(["text"], TimeSpan.FromDays(1)) }));
        var answer = 1;
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", _ => new JsonObject { ["score"] = answer });
        async Task<string> ScoreAsync(string uri)
        {
            await place.Bus.PublishAsync("chain", new JsonObject { ["uri"] = uri, ["text"] = "same" });
            return (await manager.FinishAsync(Millrace.Contracts.RequestIds.ForKey("chain", uri))).Result.Text();
        }
        Assert.Equal("""{"score":1}""", await ScoreAsync("1"));
        var first = Millrace.Contracts.RequestIds.ForKey("chain", "1");
        await CachedAsync(manager, first);
        answer = 2;

        await manager.DoAsync(WorkflowManager.Runtime.Commits.Works.Redrive(first, "a", "ann"));
        Assert.Equal(("""{"score":2}""", 2), ((await manager.FinishAsync(first)).Result.Text(), worker.Calls));
        await CachedAsync(manager, first);
        Assert.Equal(("""{"score":2}""", 2), (await ScoreAsync("2"), worker.Calls));
    }

    /// <summary>The cache is written beside the road: let it be there. A work for the request waits until its last commit has been told.</summary>
    private static async Task CachedAsync(TestManager manager, Guid id)
    {
        await manager.DoAsync(WorkflowManager.Runtime.Commits.Works.Tick(id, TimeSpan.Zero, _ => default));
        await manager.Get<WorkflowManager.Runtime.Commits.ResultKeeper>().Writing;
    }
}
