using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Deciding;

/// <summary>The fields that stores and pages read and scripts do not show.</summary>
public sealed class StateTests
{
    private static readonly StepDefinition A = new() { Name = "a", Timeout = TimeSpan.FromSeconds(30), Retry = new RetryRule { Attempts = 2 } };
    private static readonly StepDefinition B = new() { Name = "b", Depends = ["a"] };
    private static readonly DateTimeOffset Later = Driver.Start.AddSeconds(5);

    [Fact]
    public void Acceptance_keeps_who_it_is_and_where_it_stands()
    {
        var task = new TaskDefinition { Name = "t", ItemListKey = "items", Steps = [B with { Depends = [] }] };
        var definition = Driver.Workflow(A) with { Tasks = [task], Timeout = TimeSpan.FromHours(1) };
        var place = new ParentPlace(Guid.NewGuid(), 0, 2, 5);
        var driver = new Driver(definition);
        driver.Apply(new RequestEvent.Accepted(Driver.Start, place.RequestId, Driver.Utf8("{}")) { Priority = 7, Scope = 0, Parent = place, Deadline = Later });

        Assert.Equal((place.RequestId, 0, place, 7), (driver.State.Id, driver.State.Scope, driver.State.Parent, driver.State.Priority));
        Assert.Equal((Driver.Start, Driver.Start, null, null), (driver.State.CreatedAt, driver.State.UpdatedAt, driver.State.TimeoutAt, driver.State.DueAt));
        Assert.Equal(Later, driver.State.Deadline);
        Assert.Equal(Driver.Start.AddHours(1), new Driver(definition).Accept().State.TimeoutAt);
    }

    [Fact]
    public void Times_of_a_step_are_its_first_and_last_dispatch_and_its_end()
    {
        var driver = new Driver(Driver.Workflow(A, B)).Accept();
        driver.Apply(new RequestEvent.StepFailed(Later, 0, 1, new StepFailure("busy", "no", Transient: true)));
        var retrying = driver.State.Steps[0];
        var due = retrying.DueAt!.Value;
        driver.Apply(new RequestEvent.TimerFired(due));
        var again = driver.State.Steps[0];
        driver.Apply(new RequestEvent.StepCompleted(due.AddSeconds(1), 0, 2, Driver.Utf8("{\"a\":1}")));
        var done = driver.State.Steps[0];

        Assert.Equal((1, "busy"), (retrying.Failures, retrying.Failure!.Type));
        Assert.Equal((Driver.Start, due, due.AddSeconds(30)), (again.StartedAt!.Value, again.DispatchedAt!.Value, again.DueAt!.Value));
        Assert.Equal((due.AddSeconds(1), null), (done.FinishedAt!.Value, done.DueAt));
        Assert.Equal("busy", done.Failure!.Type);
        Assert.Equal(due.AddSeconds(1), driver.State.UpdatedAt);
    }

    [Fact]
    public void A_failed_request_names_the_error_and_the_step_and_what_could_not_run_is_cancelled()
    {
        var driver = new Driver(Driver.Workflow(A, B)).Accept();
        driver.Apply(new RequestEvent.StepFailed(Later, 0, null, new StepFailure("BAD", "no")));

        Assert.Equal((RequestStatus.Failed, "BAD", 0, Later), (driver.State.Status, driver.State.Failure!.Type, driver.State.FailedStep, driver.State.FinishedAt!.Value));
        Assert.Equal((StepStatus.Cancelled, Later), (driver.State.Steps[1].Status, driver.State.Steps[1].FinishedAt!.Value));
        Assert.Equal(Later, driver.State.Steps[0].FinishedAt);
    }

    [Fact]
    public void A_redrive_forgets_the_end_and_the_failure()
    {
        var driver = new Driver(Driver.Workflow(A, B)).Accept();
        driver.Apply(new RequestEvent.StepFailed(Later, 0, null, new StepFailure("BAD", "no")));
        driver.Apply(new RequestEvent.Redriven(Later, null, "ann"));

        Assert.Equal((RequestStatus.Running, null, -1, null), (driver.State.Status, driver.State.Failure, driver.State.FailedStep, driver.State.FinishedAt));
        Assert.Equal((0, 2, null), (driver.State.Steps[0].Failures, driver.State.Steps[0].Attempt, driver.State.Steps[0].Failure));
    }

    [Fact]
    public void A_cancelled_request_says_who_did_it_until_it_is_redriven()
    {
        var driver = new Driver(Driver.Workflow(A)).Accept();
        driver.Apply(new RequestEvent.Cancelled(Later, "ann"));
        Assert.Equal(("ann", Later, Later), (driver.State.CancelledBy, driver.State.FinishedAt, driver.State.Steps[0].FinishedAt));

        driver.Apply(new RequestEvent.Redriven(Later, null, "bob"));
        Assert.Null(driver.State.CancelledBy);
    }

    [Fact]
    public void Why_a_redrive_is_refused_is_said()
    {
        var driver = new Driver(Driver.Workflow(A, B)).Accept();
        string? Refuse(int? step, RequestState? state = null) => RedriveRule.Refuse(driver.Definition, state ?? driver.State, step);

        Assert.Equal("No step of it failed or was cancelled; name a step to run again.", Refuse(null));
        Assert.Equal("Step 'b' has not started yet.", Refuse(1));
        Assert.Equal("The workflow has no such step in the version that the request started with.", Refuse(2));
        Assert.Equal("The workflow has no such step in the version that the request started with.", Refuse(-1));
        Assert.StartsWith("An item of a task", Refuse(0, driver.State with { Parent = new ParentPlace(Guid.Empty, 0, 1, 0) }), StringComparison.Ordinal);
        Assert.Null(Refuse(0));
        driver.Apply(new RequestEvent.Cancelled(Later, "ann"));
        Assert.Null(Refuse(null));
    }

    [Theory]
    [InlineData(0, "s")]
    [InlineData(1, "s")]
    [InlineData(2, "s@2")]
    public void Children_of_each_run_have_a_name_of_their_own(int attempt, string name) => Assert.Equal(name, ParentPlace.NameOf("s", attempt));
}
