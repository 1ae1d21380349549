using Millrace.Storage;
using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime.Gates;

public sealed class HeldSlotsTests
{
    private static readonly StepKey Step = new("chain", "a");

    [Theory]
    [InlineData("chain", "a", "throttled", 1, true)]
    [InlineData("chain", "a", "throttled", 0, false)]
    [InlineData("chain", "b", "throttled", 1, false)]
    [InlineData("other", "a", "throttled", 1, false)]
    [InlineData("chain", "a", "dispatched", 1, false)]
    public async Task Who_is_counted_as_throttled_at_the_step_holds_a_slot(string workflow, string step, string status, long count, bool isHeld)
    {
        await using var place = await Workplace.OpenAsync();

        Assert.Equal(isHeld, await AnyAsync(place.Store, new RequestCount(workflow, step, status, count)));
    }

    [Fact]
    public async Task Where_counts_may_be_off_anything_of_the_workflow_that_runs_may_hold_one()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        var (store, room) = Watched<IMillraceStore>.Of(place.Store);
        room.Answers["get_CountsAreExact"] = _ => false;
        Assert.False(await AnyAsync(store));
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");

        Assert.True(await AnyAsync(store));
        Assert.False(await AnyAsync(place.Store));

        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await manager.FinishAsync(id);
        Assert.False(await AnyAsync(store));
    }

    private static Task<bool> AnyAsync(IMillraceStore store, params RequestCount[] counts) =>
        HeldSlots.AnyAsync(store, counts, Step, TestContext.Current.CancellationToken);
}
