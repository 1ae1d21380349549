using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

/// <summary>Equal posts that come at once, at a step with a cache.</summary>
public sealed class EqualInputsTests
{
    private const int Posts = 64;

    private static readonly WorkflowManagerOptions Options = new() { Name = "one", Workflows = [Scored()], ResendDelayMs = 20, ResendAtStart = false };

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public async Task Only_the_first_is_worked_on(int batch)
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(Options with { Workflows = [Scored(batch)] });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", _ => new JsonObject { ["score"] = 1 });

        foreach (var id in await PublishAsync(place))
            Assert.Equal("""{"score":1}""", (await manager.FinishAsync(id)).Result.Text());

        Assert.Equal(1, worker.Calls);
    }

    [Fact]
    public async Task If_the_first_fails_the_others_are_worked_on()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(Options);
        var calls = 0;
        await using var worker = await PlainWorker.StartAsync(
            place.Bus, "a", item => Interlocked.Increment(ref calls) == 1 ? item.Fail("BAD", "no") : item.Done(item.Input));
        var statuses = new List<string>();
        foreach (var id in await PublishAsync(place))
            statuses.Add((await manager.FinishAsync(id)).Status);

        Assert.Equal((1, Posts - 1), (statuses.Count(status => status == "failed"), statuses.Count(status => status == "completed")));
        Assert.Equal(Posts, worker.Calls);
    }

    [Fact]
    public async Task Those_that_waited_when_their_manager_ended_are_taken_up_by_the_next()
    {
        await using var place = await Workplace.OpenAsync();
        IReadOnlyList<Guid> ids;
        await using (var first = await place.ManageAsync(Options))
        {
            ids = await PublishAsync(place);
            while ((await place.Bus.InspectAsync("a", first.Token))!.Messages == 0)
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, first.Token);
            Assert.Equal(1, (await place.Bus.InspectAsync("a", first.Token))!.Messages);
        }
        await using var second = await place.ManageAsync(Options with { Name = "two" });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", _ => new JsonObject { ["score"] = 1 });

        foreach (var id in ids)
            Assert.Equal("completed", (await second.FinishAsync(id)).Status);
    }

    private static WorkflowDefinition Scored(int batch = 0)
    {
        var chain = TestWorkflows.Chain("chain", "a");
        return chain with { Steps = [chain.Steps[0] with { Batch = batch, Cache = new CacheRule(["text"], TimeSpan.FromDays(1)) }] };
    }

    private static async Task<IReadOnlyList<Guid>> PublishAsync(Workplace place)
    {
        var posts = Enumerable.Range(0, Posts).Select(post => new JsonObject { ["uri"] = $"{post}", ["text"] = "same" });
        await place.Bus.PublishAsync("chain", new JsonArray([.. posts]));
        return [.. Enumerable.Range(0, Posts).Select(post => RequestIds.ForKey("chain", $"{post}"))];
    }
}
