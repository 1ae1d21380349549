using Millrace.WorkflowManager.Runtime.Gates;

namespace Millrace.WorkflowManager.Tests.Runtime;

/// <summary>An operator's pause takes nothing from the time that a request has.</summary>
public sealed class HeldTests
{
    [Fact]
    public async Task A_request_that_was_paused_for_longer_than_its_timeout_completes_once_it_is_resumed()
    {
        var clock = new SetClock();
        await using var place = await Workplace.OpenAsync();
        var chain = TestWorkflows.Chain("chain", "a", "b") with { Timeout = TimeSpan.FromHours(1) };
        var options = new WorkflowManagerOptions { Workflows = [chain], DuePollMs = 10 };
        await using var manager = await TestManager.StartAsync(place.Bus, place.Store, options, clock);
        await using var a = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        await manager.Get<Pauses>().PauseAsync("chain", "b", "ann", manager.Token);
        var id = (await place.PublishAsync("chain", 1))[0];
        await manager.UntilAsync(id, view => view.Why?.Code == "paused");

        clock.Forward(TimeSpan.FromHours(3));
        Assert.Contains("stands still meanwhile; 59 min", (await manager.FindAsync(id))!.Why!.Sentence);
        Assert.DoesNotContain(id, await place.Store.Requests.ClaimDueAsync(clock.GetUtcNow(), clock.GetUtcNow(), 10, manager.Token));
        await manager.Get<Resumes>().ResumeAsync("chain", "b", manager.Token);

        await using var b = await PlainWorker.StartAsync(place.Bus, "b", input => input);
        Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }
}
