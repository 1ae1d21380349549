using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Deciding;

/// <summary>An answer of the cache counts for the attempt for which the cache was asked, and for no other input.</summary>
public sealed class CacheAnswerTests
{
    private static readonly StepDefinition A = new() { Name = "a" };
    private static readonly StepDefinition B = new() { Name = "b", Depends = ["a"], RateLimit = new RateLimit(1, TimeSpan.FromSeconds(1)) };

    [Fact]
    public void One_that_comes_after_the_next_attempt_was_sent_changes_nothing()
    {
        var driver = new Driver(Driver.Workflow(A)).Accept();
        driver.Apply(new RequestEvent.StepFailed(Driver.Start, 0, 1, new StepFailure("busy", "no", Transient: true)));
        driver.Apply(new RequestEvent.TimerFired(driver.State.Steps[0].DueAt!.Value));
        Assert.Equal(2, driver.State.Steps[0].Attempt);

        Assert.False(driver.Apply(Cached(0, attempt: 1)).HasChanged);
        Assert.True(driver.Apply(Cached(0, attempt: 2)).HasChanged);
    }

    [Fact]
    public void One_that_was_looked_up_before_a_redrive_changes_nothing_though_the_step_was_never_sent()
    {
        var driver = new Driver(Driver.Workflow(A, B)).Accept();
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 0, 1, Driver.Utf8("""{"old":1}""")));
        Assert.Equal((StepHold.Permit, 0), (driver.State.Steps[1].Hold, driver.State.Steps[1].Attempt));
        driver.Apply(new RequestEvent.Redriven(Driver.Start, 0, "ann"));
        driver.Apply(new RequestEvent.StepCompleted(Driver.Start, 0, 2, Driver.Utf8("""{"new":1}""")));
        Assert.Equal((StepHold.Permit, 0, true), (driver.State.Steps[1].Hold, driver.State.Steps[1].Attempt, driver.State.Steps[1].IsAnew));

        Assert.False(driver.Apply(Cached(1, attempt: 0)).HasChanged);
    }

    private static RequestEvent.StepCompleted Cached(int step, int attempt) =>
        new(Driver.Start, step, attempt, Driver.Utf8("""{"cached":1}""")) { IsChecked = true, FromCache = true };
}
