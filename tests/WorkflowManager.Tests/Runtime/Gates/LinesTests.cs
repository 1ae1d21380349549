using Millrace.Testing;
using Millrace.WorkflowManager.Engine.Workflows;
using Millrace.WorkflowManager.Runtime.Commits;

namespace Millrace.WorkflowManager.Tests.Runtime.Gates;

/// <summary>Lines of five minutes and more, which these tests would not outlive unless they were closed up.</summary>
public sealed class LinesTests
{
    private const int Posts = 600;

    [Fact]
    public async Task When_most_that_hold_slots_are_cancelled_the_others_move_up()
    {
        await using var place = await Workplace.OpenAsync();
        var workflow = TestWorkflows.Chain("paced", "a");
        workflow = workflow with { Steps = [workflow.Steps[0] with { RateLimit = new RateLimit(2, TimeSpan.FromSeconds(1)) }] };
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { Workflows = [workflow], DuePollMs = 20 });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var ids = await place.PublishAsync("paced", Posts);
        await manager.UntilAsync(ids[^1], view => view.Steps[0].Status == "throttled");

        await manager.DoAsync([.. ids.Skip(10).Take(Posts - 20).Select(id => Works.Cancel(id, "ann"))]);

        foreach (var id in ids.TakeLast(10))
            Assert.Equal("completed", (await manager.FinishAsync(id)).Status);
    }

    [Fact]
    public async Task When_the_limit_is_raised_those_that_hold_slots_move_up()
    {
        await using var place = await Workplace.OpenAsync();
        using var folder = new TemporaryFolder("workflows");
        Write(folder, permits: 2);
        await using var manager = await place.ManageAsync(new WorkflowManagerOptions { WorkflowsFolder = folder.Path, DuePollMs = 20 });
        await using var worker = await PlainWorker.StartAsync(place.Bus, "a", input => input);
        var ids = await place.PublishAsync("paced", Posts);
        await manager.UntilAsync(ids[^1], view => view.Steps[0].Status == "throttled");

        Write(folder, permits: 1000);

        Assert.Equal("completed", (await manager.FinishAsync(ids[^1])).Status);
    }

    private static void Write(TemporaryFolder folder, int permits) => File.WriteAllText(
        Path.Combine(folder.Path, "paced.yaml"),
        $"workflows: [ {{ name: paced, key: uri, steps: [ {{ name: a, rateLimit: {{ permits: {permits}, per: 1s }} }} ] }} ]");
}
