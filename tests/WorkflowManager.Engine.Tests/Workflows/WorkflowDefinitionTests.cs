using Millrace.WorkflowManager.Engine.Requests;
using Millrace.WorkflowManager.Engine.Workflows;

namespace Millrace.WorkflowManager.Engine.Tests.Workflows;

public sealed class WorkflowDefinitionTests
{
    [Fact]
    public void The_version_is_the_number_or_the_beginning_of_the_hash()
    {
        var definition = Driver.Workflow();

        Assert.Equal("0123456789ab", definition.Version);
        Assert.Equal("42", (definition with { Number = 42 }).Version);
        Assert.Equal("short", (definition with { Hash = "short" }).Version);
    }

    [Fact]
    public void The_requests_priority_goes_before_the_steps_and_that_before_the_workflows()
    {
        var definition = Driver.Workflow(new StepDefinition { Name = "a", Priority = 4 }, new StepDefinition { Name = "b" }) with { Priority = 2 };
        var state = new Driver(definition).Accept().State;

        Assert.Equal((4, 2), (definition.PriorityOf(state, 0), definition.PriorityOf(state, 1)));
        Assert.Equal(9, definition.PriorityOf(state with { Priority = 9 }, 0));
    }

    [Fact]
    public void Tasks_and_steps_are_found_by_name()
    {
        var step = new StepDefinition { Name = "a", Queue = "q" };
        var task = new TaskDefinition { Name = "t", ItemListKey = "items", Steps = [step] };
        var definition = Driver.Workflow(step, new StepDefinition { Name = "b" }) with { Tasks = [task with { Name = "s" }, task] };

        Assert.Equal((1, -1), (definition.IndexOfTask("t"), definition.IndexOfTask("u")));
        Assert.Equal((1, -1), (definition.Graph.IndexOf("b"), definition.Graph.IndexOf("c")));
        Assert.Same(definition.Tasks[1].Graph, definition.GraphOf(1));
        Assert.Equal(("q", "b"), (definition.Steps[0].Queue, definition.Steps[1].Queue));
        Assert.Equal(TimeSpan.FromMilliseconds(20), new RateLimit(50, TimeSpan.FromSeconds(1)).Interval);
    }

    [Fact]
    public void A_graph_knows_both_directions_the_last_steps_and_an_order()
    {
        var graph = Driver.Workflow(
            new StepDefinition { Name = "d", Depends = ["c", "b"] }, new StepDefinition { Name = "c", Depends = ["a"] },
            new StepDefinition { Name = "b" }, new StepDefinition { Name = "a" }, new StepDefinition { Name = "e" }).Graph;

        Assert.Equal([1, 2], graph.Dependencies[0]);
        Assert.Equal([0], graph.Dependents[2]);
        Assert.Equal([0, 4], graph.Leaves);
        Assert.Equal([2, 3, 1, 0, 4], graph.Order);
    }

    [Fact]
    public void What_is_no_graph_is_refused()
    {
        Assert.Contains("'x'", Assert.Throws<ArgumentException>(() => Driver.Workflow(new StepDefinition { Name = "a", Depends = ["x"] })).Message, StringComparison.Ordinal);
        Assert.Contains("circle", Assert.Throws<ArgumentException>(() => Driver.Workflow(new StepDefinition { Name = "a", Depends = ["a"] })).Message, StringComparison.Ordinal);
    }
}
