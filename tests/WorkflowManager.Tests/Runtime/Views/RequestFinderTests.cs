using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Views;

namespace Millrace.WorkflowManager.Tests.Runtime.Views;

public sealed class RequestFinderTests
{
    [Fact]
    public async Task Who_waits_for_a_request_reads_its_version_and_no_bodies()
    {
        await using var place = await Workplace.OpenAsync();
        await using var manager = await place.ManageAsync(TestWorkflows.Chain("chain", "a"));
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(id, view => view.Steps[0].Status == "dispatched");
        var (requests, watched) = Watched<IRequestReader>.Of(place.Store.Views);
        var calls = watched.Calls;
        var finder = new RequestFinder(
            requests, manager.Get<WorkflowCatalog>(), manager.Get<WhyFinder>(), manager.Get<RequestWatch>(), TimeProvider.System);

        var waiting = finder.WaitAsync(id, TimeSpan.FromSeconds(50), version => version.IsFinished, manager.Token);
        while (calls.GetValueOrDefault(nameof(IRequestReader.FindVersionAsync)) < 3)
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, manager.Token);
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);

        Assert.Equal("completed", (await waiting)!.Value.Status);
        Assert.Equal([nameof(IRequestReader.FindVersionAsync)], calls.Keys);
    }
}
