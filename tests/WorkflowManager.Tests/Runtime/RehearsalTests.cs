using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime;

namespace Millrace.WorkflowManager.Tests.Runtime;

public sealed class RehearsalTests
{
    [Fact]
    public async Task A_rehearsal_goes_to_the_end_and_leaves_nothing_behind()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));

        var rehearsed = await manager.Get<Rehearsal>().RunOnceAsync(manager.Token);

        Assert.Equal(["completed", "completed"], rehearsed.Steps.Select(step => step.Status));
        Assert.Empty(await place.Store.Requests.CountAsync(manager.Token));
        Assert.Empty((await place.Store.Requests.ListAsync(new RequestQuery(), manager.Token)).Items);
        Assert.Null(await place.Bus.InspectAsync("single", manager.Token));
    }
}
