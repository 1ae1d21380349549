using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Deciding;

/// <summary>What outsiders can repeat without end must not make a timeline grow without end.</summary>
public sealed class BoundTests
{
    private static readonly StepDefinition A = new() { Name = "a" };

    [Fact]
    public void Unknown_replies_and_conflicts_are_told_a_hundred_times()
    {
        var driver = new Driver(Driver.Workflow(A)).Accept();
        for (var number = 0; number < 80; number++)
        {
            driver.Apply(new RequestEvent.UnknownReply(Driver.Start, "x"));
            driver.Apply(new RequestEvent.Accepted(Driver.Start, Guid.Empty, Driver.Utf8($$"""{"n":{{number}}}""")));
        }

        Assert.Equal(100, driver.Timeline.Count(told => told.Kind is TimelineKind.UnknownReply or TimelineKind.Conflict));
        Assert.False(driver.Apply(new RequestEvent.UnknownReply(Driver.Start, "x")).HasChanged);
    }

    [Fact]
    public void Throttles_and_dispatches_without_end_are_told_more_and_more_rarely()
    {
        var driver = new Driver(Driver.Workflow(A)).Accept();
        for (var number = 1; number <= 300; number++)
        {
            driver.Apply(new RequestEvent.StepThrottled(Driver.Start, 0, number, TimeSpan.FromSeconds(1)));
            driver.Apply(new RequestEvent.TimerFired(driver.State.DueAt!.Value));
        }

        Assert.Equal(32 + 3, driver.Timeline.Count(told => told.Kind == TimelineKind.Throttled));
        Assert.Equal(32 + 3, driver.Timeline.Count(told => told.Kind == TimelineKind.Dispatched));
        Assert.Equal(301, driver.State.Steps[0].Attempt);
    }

    [Fact]
    public void Slots_without_end_are_told_more_and_more_rarely()
    {
        var driver = new Driver(Driver.Workflow(A with { RateLimit = new RateLimit(1, TimeSpan.FromSeconds(1)) })).Accept();
        for (var number = 1; number <= 300; number++)
        {
            driver.Apply(new RequestEvent.PermitGranted(Driver.Start, 0, Driver.Start.AddHours(number), number));
            driver.Apply(new RequestEvent.TimerFired(Driver.Start.AddHours(number)) { Gates = [new StepGate(false, null, Round: number + 1)] });
        }

        Assert.Equal(32 + 3, driver.Timeline.Count(told => told.Kind == TimelineKind.RateLimited));
    }

    [Fact]
    public void Nothing_but_acceptance_happens_to_a_request_that_does_not_exist()
    {
        RequestEvent[] events =
        [
            new RequestEvent.TimerFired(Driver.Start), new RequestEvent.Cancelled(Driver.Start, "ann"), new RequestEvent.Redriven(Driver.Start, null, "ann"),
            new RequestEvent.StepCompleted(Driver.Start, 0, 1, default), new RequestEvent.UnknownReply(Driver.Start, "x"),
        ];

        Assert.All(events, happened => Assert.False(new Driver(Driver.Workflow(A)).Apply(happened).HasChanged));
    }

    [Fact]
    public void Replies_to_places_that_no_step_has_are_told_and_change_no_step()
    {
        var driver = new Driver(Driver.Workflow(A)).Accept();
        var before = driver.State.Steps[0];
        foreach (var step in new[] { -1, 1 })
        {
            driver.Apply(new RequestEvent.StepCompleted(Driver.Start, step, 1, default));
            driver.Apply(new RequestEvent.StepCompleted(Driver.Start, step, 1, default) { FromCache = true });
            driver.Apply(new RequestEvent.StepFailed(Driver.Start, step, 1, new StepFailure("x", "no")));
            driver.Apply(new RequestEvent.StepThrottled(Driver.Start, step, 1, TimeSpan.FromSeconds(1)));
            driver.Apply(new RequestEvent.PermitGranted(Driver.Start, step, Driver.Start));
            driver.Apply(new RequestEvent.ChildFinished(Driver.Start, step, 1, 0, false));
            driver.Apply(new RequestEvent.ChildrenGathered(Driver.Start, step, 1, default));
        }

        Assert.Same(before, driver.State.Steps[0]);
        Assert.Equal(6, driver.Timeline.Count(told => told.Kind == TimelineKind.UnknownReply));
    }
}
