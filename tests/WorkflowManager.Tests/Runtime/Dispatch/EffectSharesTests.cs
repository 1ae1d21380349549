using System.Text.Json.Nodes;
using Millrace.Contracts;
using Millrace.Storage;
using Millrace.Storage.Requests;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

public sealed class EffectSharesTests
{
    /// <summary>More than may be carried out at once, of whatever kind.</summary>
    private const int Tasks = 40;

    [Fact]
    public async Task Tasks_that_take_long_to_start_hold_up_no_other_request()
    {
        await using var place = await Workplace.OpenAsync();
        var (requests, watch) = Watched<IRequestStore>.Of(place.Store.Requests);
        var (store, room) = Watched<IMillraceStore>.Of(place.Store);
        room.Answers["get_Requests"] = _ => requests;
        var free = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Whoever starts items looks after each part whether they are still wanted.
        watch.Answers[nameof(IRequestStore.ReadTimelineAsync)] = passOn => HoldAsync(free.Task, passOn);
        var options = new WorkflowManagerOptions { Workflows = [TestWorkflows.FanOut("fan", "items", "item"), TestWorkflows.Chain("chain", "a")] };
        await using var manager = await TestManager.StartAsync(place.Bus, store, options);
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await using var item = await PlainWorker.StartAsync(place.Bus, "item", input => input);
        var fans = new List<Guid>();
        for (var task = 0; task < Tasks; task++)
        {
            await place.Bus.PublishAsync("fan", JsonNode.Parse($$"""{"uri":"{{task}}","items":[1]}""")!);
            fans.Add(RequestIds.ForKey("fan", $"{task}"));
            // Each in a commit of its own, so that none is carried out together with others.
            await manager.UntilAsync(fans[^1], view => view.Steps[0].Status == "dispatched");
        }

        var other = (await place.PublishAsync("chain", 1))[0];

        Assert.Equal("completed", (await manager.FinishAsync(other)).Status);
        Assert.True(watch.Calls[nameof(IRequestStore.ReadTimelineAsync)] < Tasks, "Some have not begun.");
        free.SetResult();
        foreach (var fan in fans)
            Assert.Equal("completed", (await manager.FinishAsync(fan)).Status);
    }

    private static async Task<IReadOnlyList<TimelineRecord>> HoldAsync(Task free, Func<object?> passOn)
    {
        await free;
        return await (Task<IReadOnlyList<TimelineRecord>>)passOn()!;
    }
}
