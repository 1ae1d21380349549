using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;
using Millrace.WorkflowManager.Runtime.Definitions;
using Millrace.WorkflowManager.Runtime.Dispatch;

namespace Millrace.WorkflowManager.Tests.Runtime.Dispatch;

public sealed class PermitIssuerTests
{
    [Fact]
    public async Task Of_those_that_ask_together_the_higher_priority_gets_the_earlier_slot_and_of_equals_who_asked_first()
    {
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a");
        chain = chain with { Priority = 3, Steps = [chain.Steps[0] with { RateLimit = new RateLimit(1, TimeSpan.FromHours(1)) }] };
        await using var manager = await place.ManageAsync(chain);
        int?[] priorities = [0, null, 9, 3, 5];
        var now = TimeProvider.System.GetUtcNow();
        var ids = priorities.Select(_ => Guid.NewGuid()).ToList();
        // Nobody carries out what they ask for but this test.
        await place.Store.Requests.CommitAsync(
            [.. ids.Zip(priorities, (id, priority) => SavedRequests.Begin(place, chain, id, now, priority) with { Effects = default })], [], "gone", now, manager.Token);
        var asking = new List<OpenEffect>();
        foreach (var stored in await place.Store.Requests.LoadAsync(ids, manager.Token))
            asking.Add(new OpenEffect(await RunningRequest.ReadAsync(stored!, manager.Get<WorkflowCatalog>(), manager.Token), new Effect.AcquirePermit(0), default));

        await manager.Get<PermitIssuer>().IssueAsync(asking, manager.Token);

        var due = new List<DateTimeOffset?>();
        foreach (var stored in await place.Store.Requests.LoadAsync(ids, manager.Token))
            due.Add(stored!.Record.DueAt);
        var hours = due.Select(at => at is null ? 0 : (int)Math.Round((at.Value - now).TotalHours)).ToList();
        Assert.Equal([4, 2, 0, 3, 1], hours);
    }
}
