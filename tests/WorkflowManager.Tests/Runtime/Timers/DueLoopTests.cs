using Millrace.Storage.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Tests.Runtime.Timers;

public sealed class DueLoopTests
{
    private static CancellationToken Now => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Due_requests_that_cannot_be_read_do_not_hide_those_that_are_due_later()
    {
        await using var place = await Workplace.OpenAsync();
        var workflow = TestWorkflows.Chain("chain", "a");
        workflow = workflow with { Steps = [workflow.Steps[0] with { Timeout = TimeSpan.FromSeconds(1), Retry = new RetryRule { Attempts = 1 } }] };
        var (now, good) = (TimeProvider.System.GetUtcNow(), Guid.NewGuid());
        await SaveAsync(place, Enumerable.Range(0, 5).Select(_ => SavedRequests.Begin(place, workflow, Guid.NewGuid(), now.AddHours(-2)).Garble()));
        await SaveAsync(place, [SavedRequests.Begin(place, workflow, good, now.AddHours(-1))]);

        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { Workflows = [workflow], DueBatch = 2, DuePollMs = 10 });

        Assert.Equal("failed", (await manager.FinishAsync(good)).Status);
    }

    private static Task SaveAsync(Workplace place, IEnumerable<RequestChange> changes) => place.Store.Requests.CommitAsync(
        [.. changes.Select(change => change with { Effects = default })], [], "gone", TimeProvider.System.GetUtcNow(), Now);
}
